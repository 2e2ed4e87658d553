"use strict";
const data = JSON.parse(document.getElementById("data").textContent);

/** An element with properties and children; strings are text, never HTML. */
function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

/** A button that copies a text and says so. */
function copying(words, text) {
  return el("button", {
    textContent: words,
    onclick: async ({ currentTarget: button }) => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = el("textarea", { value: text });
        button.after(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = words), 1200);
    },
  });
}

/** Rows of a name and its values. */
function table(rows) {
  return el("table", {}, ...rows.map(([name, ...values]) => el("tr", {}, el("th", {}, name), ...values.map((value) => el("td", {}, value)))));
}

/** How many of all pictures are shown. */
function counted(shown, all) {
  return `${shown.length === all.length ? "" : `${shown.length} of `}${all.length} picture${all.length === 1 ? "" : "s"}`;
}

/** A plan to open and to copy, which the data holds in one line. */
function planned(line) {
  const plan = JSON.stringify(JSON.parse(line), null, 2);
  return el("details", {}, el("summary", {}, "The plan"), copying("Copy the plan", plan), el("pre", {}, plan));
}

/** What the address remembers of the page, so that a view can be sent on. */
const memory = {
  read: () => new URLSearchParams(location.hash.slice(1)),
  write: (entries) => history.replaceState(null, "", "#" + new URLSearchParams(entries.filter(([, value]) => value))),
};
