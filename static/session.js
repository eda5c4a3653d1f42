// Comfort: warns before the session ends. Without this, the Refresh header leads away then.
const WARN_SECONDS = 120;
const dialog = document.getElementById("session-warning");
const { now, idleEnds, sessionEnds, timedOut } = dialog.dataset;
const left = dialog.querySelector("[data-left]");
const stay = dialog.querySelector("[data-stay]");
const close = dialog.querySelector("[data-close]");

// The person’s clock may be wrong: what counts is how long it is from the server’s now.
const onThisClock = (end) => Date.now() + (end - now) * 1000;
const last = onThisClock(sessionEnds);
let idle = onThisClock(idleEnds);
let dismissed = false;

// A page that is opened in another tab keeps the session alive for this one too.
const tabs = new BroadcastChannel("session");
tabs.postMessage(idle);
tabs.onmessage = ({ data }) => {
  idle = Math.max(idle, data);
  if (Math.min(idle, last) - Date.now() > WARN_SECONDS * 1000) dialog.close();
};

function inWords(seconds) {
  const [amount, unit] = seconds > 60 ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
  const style = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(amount);
}

function watch() {
  const canStay = idle < last;
  const seconds = Math.ceil((Math.min(idle, last) - Date.now()) / 1000);
  if (seconds > WARN_SECONDS) return;
  if (seconds <= 0) {
    const here = encodeURIComponent(location.pathname);
    location.assign(canStay ? `${timedOut}?next=${here}` : location.pathname);
    return;
  }
  left.textContent = inWords(seconds);
  stay.hidden = !canStay;
  close.hidden = canStay;
  if (!dialog.open && !dismissed) dialog.showModal();
}

function dismiss() {
  dismissed = true;
  dialog.close();
}

close.addEventListener("click", dismiss);
// Escape stays signed in, as the first button does, while that can be done.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (stay.hidden) dismiss();
  else stay.click();
});
setInterval(watch, 1000);
watch();
