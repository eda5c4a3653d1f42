// Comfort: the list of companies follows what is typed. Without this, Enter searches.
const form = document.querySelector("form.search");
let wait;
let running;

async function search() {
  running?.abort();
  running = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(`${form.getAttribute("action")}?${query}`, running);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["matches", "results"]) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    }
  } catch (error) {
    // A newer search has taken this one's place, or there is no network: the list stays as it is.
    if (!["AbortError", "TypeError"].includes(error.name)) throw error;
  }
}

form.elements.q.addEventListener("input", () => {
  clearTimeout(wait);
  wait = setTimeout(search, 250);
});
