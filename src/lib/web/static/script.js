// What only a script can do. Its buttons are hidden where there is none.
"use strict";
document.querySelectorAll('button[data-script="reveal"]').forEach(function (button) {
  var field = button.parentNode.querySelector("input");
  var show = button.textContent;
  function turn(shown) {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.other : show;
  }
  button.hidden = false;
  button.addEventListener("click", function () {
    turn(field.type === "password");
    field.focus();
  });
  // So that no browser keeps it among what was typed into fields of text.
  field.form.addEventListener("submit", function () { turn(false); });
});
// Who clicks twice sends a form once; again when the page is shown again, or nothing came for a while.
document.querySelectorAll("form").forEach(function (form) {
  var timer = 0;
  function turn(sent) {
    clearTimeout(timer);
    timer = sent ? setTimeout(turn, 10000, false) : 0;
    form.querySelectorAll(".button").forEach(function (button) {
      if (sent) { button.setAttribute("aria-disabled", "true"); } else { button.removeAttribute("aria-disabled"); }
    });
  }
  form.addEventListener("submit", function (event) {
    if (timer) { event.preventDefault(); } else { turn(true); }
  });
  addEventListener("pageshow", function () { turn(false); });
});
document.querySelectorAll('button[data-script="print"]').forEach(function (button) {
  button.hidden = false;
  button.addEventListener("click", function () { print(); });
});
document.querySelectorAll('button[data-script="copy"]').forEach(function (button) {
  if (!navigator.clipboard) { return; }
  button.hidden = false;
  button.addEventListener("click", function () {
    var lines = Array.from(document.querySelectorAll(".codes li"), function (item) { return item.textContent; });
    navigator.clipboard.writeText(lines.join("\n")).then(function () { button.textContent = button.dataset.other; });
  });
});
