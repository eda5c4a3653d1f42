// Comfort: the list of companies follows what is typed. Without this, Enter searches.
const form = document.querySelector("form.search");
const field = form.elements.q;
const results = document.getElementById("results");
const first = results.innerHTML;
let wait;
let running;

async function search() {
  running?.abort();
  if (!field.value.trim() && !new URLSearchParams(location.search).get("q")) {
    results.innerHTML = first;
    return;
  }
  running = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(`${form.getAttribute("action")}?${query}`, { signal: running.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("results");
    if (found) results.replaceChildren(...found.childNodes);
  } catch {
    // A newer search took its place, or there is no network: the list stays, Enter still works.
  }
}

field.addEventListener("input", () => {
  clearTimeout(wait);
  wait = setTimeout(search, 250);
});
