// Comfort: buttons that copy what they name. They are hidden until this script runs.
const textOf = (element) =>
  element.localName === "dl"
    ? [...element.querySelectorAll("dt")]
        .map((term) => `${term.innerText}: ${term.nextElementSibling.innerText.replace(/\s+/g, " ")}`)
        .join("\n")
    : element.innerText;

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  status.className = "fine";
  button.after(status);
  button.hidden = false;

  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(document.getElementById(button.dataset.copy)));
    status.textContent = button.dataset.copied;
    setTimeout(() => (status.textContent = ""), 4000);
  });
}
