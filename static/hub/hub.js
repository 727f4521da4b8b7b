// Only adds: every page works without it.
"use strict";

// Leave this site: take the page's place in the history, so that Back does not return here.
for (const exit of document.querySelectorAll(".safety .exit")) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(exit.href);
  });
}

// <span data-local-time data-start="…Z" data-end="…Z">: the times on the visitor's own clock,
// where that differs from the Pacific and Eastern clocks already on the page.
const clock = (date, zone) =>
  new Intl.DateTimeFormat("en-US", { weekday: "long", hour: "numeric", minute: "2-digit", timeZone: zone })
    .formatToParts(date)
    .reduce((said, part) => ({ ...said, [part.type]: part.value }), {});
const hours = (said) => `${said.hour}:${said.minute}`;
const half = (said) => said.dayPeriod.toLowerCase();
for (const place of document.querySelectorAll("[data-local-time]")) {
  const ends = [new Date(place.dataset.start), new Date(place.dataset.end || place.dataset.start)];
  const [start, end] = ends.map((date) => clock(date));
  const told = ["America/Los_Angeles", "America/New_York"].map((zone) => clock(ends[0], zone));
  const same = (other) => other.weekday === start.weekday && hours(other) === hours(start) && half(other) === half(start);
  if (told.some(same)) continue;
  let times = `${hours(end)} ${half(end)}`;
  if (place.dataset.end) times = `${hours(start)}${half(start) === half(end) ? "" : ` ${half(start)}`}–${times}`;
  if (start.weekday !== told[0].weekday) times = `${start.weekday}, ${times}`;
  place.textContent = `Your time: ${times}`;
  place.hidden = false;
}

// <button data-copy="#selector" hidden>: copies what that element says, and says so.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  const label = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText((source.value ?? source.innerText).trim());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 4000);
  });
}

// <div data-only-when="role's id" data-is="value">: fields of use for one choice only. Without
// script they are there for all, and say for whom.
for (const part of document.querySelectorAll("[data-only-when]")) {
  const choice = document.getElementById(part.dataset.onlyWhen);
  const show = () => { part.hidden = choice.value !== "" && choice.value !== part.dataset.is; };
  choice.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

// <a href="#field" data-select="12 21">: leads to that part of the field's text.
for (const link of document.querySelectorAll("[data-select]")) {
  link.addEventListener("click", (event) => {
    const field = document.querySelector(link.hash);
    event.preventDefault();
    field.focus();
    field.setSelectionRange(...link.dataset.select.split(" "));
  });
}

// <button data-scripted hidden>: of use only with script (security keys).
for (const button of document.querySelectorAll("[data-scripted]")) button.hidden = false;
document.addEventListener("allauth.error", (event) => {
  const notice = document.getElementById("key-failed");
  if (!notice) return;
  event.preventDefault();
  notice.hidden = false;
});
