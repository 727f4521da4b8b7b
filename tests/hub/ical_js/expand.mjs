// Reads an .ics file on standard input and prints, as JSON, what takes place between two instants:
//     node expand.mjs 2026-03-01T00:00:00Z 2026-04-01T00:00:00Z < feed.ics
// Every time zone is the file's own VTIMEZONE.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const [begin, end] = process.argv.slice(2).map((text) => Date.parse(text) / 1000);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const found = [];
function keep(start, event) {
  const instant = start.toUnixTime();
  if (begin <= instant && instant < end) {
    const utc = start.convertToZone(ICAL.Timezone.utcTimezone).toString();
    found.push([utc, event.summary]);
  }
}

const events = calendar.getAllSubcomponents("vevent").map((vevent) => new ICAL.Event(vevent));
for (const event of events.filter((event) => !event.isRecurrenceException())) {
  if (!event.isRecurring()) {
    keep(event.startDate, event);
    continue;
  }
  for (const change of events) {
    if (change.isRecurrenceException() && change.uid === event.uid) event.relateException(change);
  }
  const iterator = event.iterator();
  // A date may be moved, so some beyond the end are looked at.
  const last = end + 60 * 24 * 60 * 60;
  for (let day = iterator.next(); day && day.toUnixTime() < last; day = iterator.next()) {
    const { startDate, item } = event.getOccurrenceDetails(day);
    keep(startDate, item);
  }
}
console.log(JSON.stringify(found.sort()));
