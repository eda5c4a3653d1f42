// Comfort: times in the person's own time zone. Without this they are the portal's, with its name.
const styles = {
  time: { hour: "numeric", minute: "2-digit" },
  full: { day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" },
};

for (const time of document.querySelectorAll("time[data-local]")) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, styles[time.dataset.local]);
  time.textContent = format.format(new Date(time.dateTime));
}
