/* The formula editor: puts names at the cursor, leads to an error, filters what can be picked. */
"use strict";

(() => {
  const formula = document.getElementById("formula");
  const name = document.getElementById("name");
  const label = document.getElementById("label");
  const verdict = document.getElementById("verdict");

  /* As typing does it, so that it can be undone; the check listens to the input event. */
  const write = (start, end, text) => {
    formula.focus();
    formula.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      formula.setRangeText(text, start, end, "end");
      formula.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const goTo = (start, end) => {
    formula.focus();
    formula.setSelectionRange(start, end);
    const lineHeight = parseFloat(getComputedStyle(formula).lineHeight) || 20;
    const lines = formula.value.slice(0, start).split("\n").length;
    formula.scrollTop = Math.max(0, (lines - 3) * lineHeight);
  };

  const endOfName = (start) => {
    const found = /^[A-Za-z0-9_$.#:]+/.exec(formula.value.slice(start));
    return start + (found ? found[0].length : 1);
  };

  document.getElementById("editor").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { insert, example, replace, goto: place } = button.dataset;
    if (insert) write(formula.selectionStart, formula.selectionEnd, insert);
    else if (example) write(0, formula.value.length, example);
    else if (replace) write(Number(button.dataset.start), Number(button.dataset.end), replace);
    else if (place !== undefined) goTo(Number(place), endOfName(Number(place)));
  });

  /* The name follows the label until somebody types a name. */
  let isNameOwn = name.readOnly || name.value !== "";
  name.addEventListener("input", () => { isNameOwn = name.value !== ""; });
  const follow = () => {
    if (isNameOwn) return;
    const words = label.value.normalize("NFKD").match(/[A-Za-z0-9]+/g) || [];
    const joined = words.join("_").replace(/^[0-9_]+/, "");
    name.value = joined ? `${joined}__c` : "";
  };
  label.addEventListener("input", follow);
  follow(); // somebody may have typed before this script came

  const items = [...document.querySelectorAll(".c-pick-item")];
  const groups = [...document.querySelectorAll(".c-pick")];
  const wasOpen = new Map(groups.map((group) => [group, group.open]));
  document.querySelector("[data-filter]").addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = event.target.value.trim().toLowerCase();
    for (const item of items) {
      item.parentElement.hidden = !`${item.title} ${item.textContent}`.toLowerCase().includes(wanted);
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("li:not([hidden])");
      group.open = wanted ? !group.hidden : wasOpen.get(group);
    }
    document.querySelector("[data-none]").hidden = groups.some((group) => !group.hidden);
  });

  const markPlace = () => {
    formula.toggleAttribute("aria-invalid", verdict.querySelector("[data-error]") !== null);
  };
  markPlace();
  document.body.addEventListener("htmx:afterSwap", markPlace);
  for (const trouble of ["htmx:responseError", "htmx:sendError"]) {
    document.body.addEventListener(trouble, () => {
      verdict.textContent = "It could not be checked just now. Reload the page if this stays so.";
    });
  }
})();
