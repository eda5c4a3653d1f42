// Comfort on the sign-in page: the message gets the focus, the button says that it is at work, and
// the tick about remembering holds for the logos as well.
document.getElementById("problem")?.focus();

for (const form of document.querySelectorAll("form[data-busy]")) {
  const button = form.querySelector("button");
  const label = button.firstChild;
  const words = label.data;

  form.addEventListener("submit", (event) => {
    if (button.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-busy", "true");
    label.data = `${form.dataset.busy} `;
  });

  // Back from the provider, the browser shows this page as it was left: at work, for ever.
  addEventListener("pageshow", () => {
    button.removeAttribute("aria-busy");
    label.data = words;
  });
}

const tick = document.getElementById("remember");

function carryTick({ target }) {
  const company = target.closest("a.tile, a.resume");
  if (!company) return;
  const url = new URL(company.href);
  if (tick.checked === tick.defaultChecked) url.searchParams.delete("remember");
  else url.searchParams.set("remember", tick.checked ? "yes" : "no");
  company.href = url;
}

// Whichever way a link is opened: in this tab, in another one, from the menu.
for (const way of ["click", "auxclick", "contextmenu"]) addEventListener(way, carryTick, true);
