// Comfort: warns before the session ends. Without this, the page's Refresh header leads away at the end.
const WARN_SECONDS = 120;
const dialog = document.getElementById("session-warning");
const { now, idleEnds, sessionEnds, timedOut } = dialog.dataset;
const left = dialog.querySelector("[data-left]");
const inBrowser = (end) => Date.now() + (end - now) * 1000;
const absolute = inBrowser(sessionEnds);
let idle = inBrowser(idleEnds);
let dismissed = false;

// A page that is opened in another tab keeps the session alive for this one too.
const tabs = new BroadcastChannel("session");
tabs.postMessage(idle);
tabs.onmessage = ({ data }) => {
  idle = Math.max(idle, data);
  if (idle - Date.now() > WARN_SECONDS * 1000) dialog.close();
};

const inWords = (seconds) => {
  const [amount, unit] = seconds > 60 ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
  const style = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(amount);
};

setInterval(() => {
  const seconds = Math.ceil((Math.min(idle, absolute) - Date.now()) / 1000);
  if (seconds <= 0) {
    location.assign(`${timedOut}?next=${encodeURIComponent(location.pathname)}`);
  } else if (seconds <= WARN_SECONDS) {
    const words = inWords(seconds);
    if (left.textContent !== words) left.textContent = words;
    const last = absolute <= idle;
    dialog.querySelector("[data-stay]").hidden = last;
    dialog.querySelector("[data-close]").hidden = !last;
    if (!dialog.open && !dismissed) dialog.showModal();
  }
}, 1000);

// Escape keeps the session, as the first button does; nothing keeps it beyond its last hour.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (absolute > idle) location.reload();
  else dismiss();
});
dialog.querySelector("[data-close]").addEventListener("click", dismiss);

function dismiss() {
  dismissed = true;
  dialog.close();
}
