// The work of this browser: rules and ratings, never a month of people.

const KEY = "kpirules-playground-work";

const isText = (value) => typeof value === "string";
const isWork = (value) => isText(value?.ruleset) && isText(value.ratings) && isText(value.base) && (value.form === null || typeof value.form === "object");

export function load() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY));
    return isWork(value) ? value : null;
  } catch {
    return null;
  }
}

// Returns whether the browser keeps it.
export function save(work) {
  try {
    if (work === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(work));
    return true;
  } catch {
    return false;
  }
}
