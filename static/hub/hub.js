// Only adds: every page works without it.
"use strict";
for (const exit of document.querySelectorAll(".safety .exit")) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(exit.href);
  });
}
