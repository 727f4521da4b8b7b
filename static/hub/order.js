// Only adds: the numbers and the buttons order the list without it.
"use strict";

for (const list of document.querySelectorAll("[data-order]")) {
  const lines = () => [...list.querySelectorAll("[data-line]")];
  const place = (line) => line.querySelector("input");
  const said = list.closest("form").querySelector("[data-said]");

  const number = (line) => {
    lines().forEach((each, index) => { place(each).value = index + 1; });
    const all = lines();
    said.textContent = `${line.querySelector(".name").firstChild.textContent.trim()}: place ${all.indexOf(line) + 1} of ${all.length}. Not saved yet.`;
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("[data-line]");
    const up = button.dataset.step === "-1";
    const other = up ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (up) other.before(line);
    else other.after(line);
    button.focus();
    number(line);
  });

  for (const line of lines()) {
    const grip = line.querySelector("[data-grip]");
    grip.hidden = false;
    const let_go = () => {
      if (!line.classList.contains("held")) return;
      line.classList.remove("held");
      number(line);
    };
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      line.classList.add("held");
    });
    grip.addEventListener("pointermove", (event) => {
      if (!line.classList.contains("held")) return;
      const before = lines().find((each) => {
        const box = each.getBoundingClientRect();
        return each !== line && event.clientY < box.top + box.height / 2;
      });
      if (before !== line.nextElementSibling) {
        if (before) before.before(line);
        else list.append(line);
        // Moving an element lets go of the pointer.
        grip.setPointerCapture(event.pointerId);
      }
    });
    grip.addEventListener("pointerup", let_go);
    grip.addEventListener("pointercancel", let_go);
  }
}
