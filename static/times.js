// Comfort: times in the person's own time zone. Without this they are the portal's, with its name.
const language = document.documentElement.lang;
const clock = { hour: "numeric", minute: "2-digit" };
const dated = { ...clock, day: "numeric", month: "long", year: "numeric", timeZoneName: "short" };
const days = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const dayOf = (date) => new Date(date).setHours(0, 0, 0, 0);

const inWords = {
  time: (date) => date.toLocaleTimeString(language, clock),
  full: (date) => date.toLocaleString(language, dated),
  near(date) {
    const away = Math.round((dayOf(date) - dayOf(Date.now())) / 86_400_000);
    return Math.abs(away) > 1 ? this.full(date) : `${days.format(away, "day")}, ${this.time(date)}`;
  },
};

for (const time of document.querySelectorAll("time[data-local]")) {
  time.textContent = inWords[time.dataset.local](new Date(time.dateTime));
}
