// Comfort: times in the person's own time zone. Without this they are the portal's, with its name.
const page = document.documentElement.lang;
// The page's language as this person's country writes it: there are two clocks in English.
const language = navigator.languages.find((one) => one.startsWith(`${page}-`)) ?? (page === "en" ? "en-GB" : page);
const clock = { timeStyle: "short" };
const oclock = page === "de" ? " Uhr" : "";
const days = new Intl.RelativeTimeFormat(page, { numeric: "auto" });
const dayOf = (date) => new Date(date).setHours(0, 0, 0, 0);

function zoneOf(date) {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName").value.replace("GMT", "UTC").replace(/\+0$/, "");
}

const inWords = {
  time: (date) => date.toLocaleTimeString(language, clock) + oclock,
  full: (date) => `${date.toLocaleString(language, { ...clock, dateStyle: "long" })}${oclock} (${zoneOf(date)})`,
  near(date) {
    const away = Math.round((dayOf(date) - dayOf(Date.now())) / 86_400_000);
    return Math.abs(away) > 1 ? this.full(date) : `${days.format(away, "day")}, ${this.time(date)}`;
  },
};

for (const time of document.querySelectorAll("time[data-local]")) {
  time.textContent = inWords[time.dataset.local](new Date(time.dateTime));
}
