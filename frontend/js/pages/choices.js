// Shows the fields that belong to a choice: inside [data-choices="name"], elements with
// data-choice="value" appear when the control `name` has that value, data-choice-not when it has not.

function valueOf(box) {
  const name = CSS.escape(box.dataset.choices);
  const control = box.querySelector(`input[name="${name}"]:checked, select[name="${name}"]`);
  return control ? control.value : "";
}

function update(box) {
  const value = valueOf(box);
  for (const part of box.querySelectorAll("[data-choice], [data-choice-not]")) {
    // A part may be a box itself.
    if (part.parentElement.closest("[data-choices]") !== box) continue;
    const shown = "choice" in part.dataset ? part.dataset.choice === value : part.dataset.choiceNot !== value;
    part.hidden = !shown;
  }
}

function updateAll(root) {
  for (const box of root.querySelectorAll("[data-choices]")) update(box);
}

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-choices]");
  if (box) update(box);
});
document.addEventListener("htmx:after:swap", () => updateAll(document));
updateAll(document);
