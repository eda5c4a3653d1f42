// Comfort on the sign-in page: the message gets the focus, the button says that it is at work.
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
