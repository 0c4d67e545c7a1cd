// {{ marker }}: search, and the dialects that were switched on last. The pages can be read without it.
"use strict";

(() => {
  const root = document.documentElement.dataset.root;
  const box = document.querySelector(".find");
  const input = document.getElementById("find");
  const hits = document.getElementById("hits");
  const found = document.getElementById("found");
  const MOST = 30;
  let index = null;
  let chosen = -1;

  // What the index, a script of its own, calls: it is only loaded when somebody searches.
  window.idgraphIndex = (loaded) => {
    index = loaded;
    show();
  };

  const load = () => {
    if (document.getElementById("index")) return;
    const script = document.createElement("script");
    script.id = "index";
    script.src = root + "index.js";
    document.head.append(script);
  };

  // How well a name or its meaning fits: the less, the better; none when it does not.
  const rank = (name, meaning, words) => {
    let sum = 0;
    for (const word of words) {
      if (name === word) sum += 0;
      else if (name.startsWith(word)) sum += 1;
      else if (name.includes(word)) sum += 2;
      else if (meaning.toLowerCase().includes(word)) sum += 4;
      else return null;
    }
    return sum;
  };

  const search = (text) => {
    const typed = text.toLowerCase().trim();
    // `table.column` is a column of tables that are named so.
    const dot = typed.lastIndexOf(".");
    const inTable = dot < 0 ? "" : typed.slice(0, dot);
    const words = typed.slice(dot + 1).split(/\s+/).filter(Boolean);
    const ranks = index.columns.map(([name, meaning]) => (words.length ? rank(name, meaning, words) : 3));
    const all = [];
    for (const [name, page, meaning, columns] of index.tables) {
      const bare = name.slice(name.lastIndexOf(".") + 1);
      const own = rank(bare, meaning, typed.split(/\s+/).filter(Boolean)) ?? (name.includes(typed) ? 2 : null);
      if (own !== null) all.push({ rank: own - 0.5, name, page, meaning });
      if (inTable && !name.includes(inTable)) continue;
      for (const number of columns) {
        if (ranks[number] === null) continue;
        const [column, about, pii, anchor] = index.columns[number];
        const said = pii ? about + " · personal data" : about;
        all.push({ rank: ranks[number], name: name + "." + column, page: page + "#" + anchor, meaning: said });
      }
    }
    // What is built comes before what landed, both in the order of the warehouse.
    const landed = (hit) => (hit.page.startsWith("landed/") ? 1 : 0);
    all.sort((one, other) => one.rank - other.rank || landed(one) - landed(other));
    return all;
  };

  const choose = (next) => {
    const links = hits.querySelectorAll("a");
    chosen = links.length ? (next + links.length) % links.length : -1;
    links.forEach((link, at) => link.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", links[chosen].id);
      links[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const close = () => {
    hits.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  const show = () => {
    hits.replaceChildren();
    if (!index || !input.value.trim()) return close();
    const all = search(input.value);
    all.slice(0, MOST).forEach((hit, at) => {
      const link = document.createElement("a");
      const name = document.createElement("code");
      const meaning = document.createElement("span");
      link.id = "hit" + at;
      link.href = root + hit.page;
      link.tabIndex = -1;
      link.setAttribute("role", "option");
      name.textContent = hit.name;
      meaning.textContent = hit.meaning;
      link.append(name, meaning);
      hits.append(link);
    });
    const more = all.length - MOST;
    const count = all.length === 1 ? "1 is found" : all.length + " are found";
    found.textContent = all.length ? count : "Nothing is found";
    if (more > 0 || !all.length) {
      const note = document.createElement("p");
      note.textContent = all.length ? more + " more; type more letters" : "Nothing is named or described so.";
      hits.append(note);
    }
    hits.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(0);
  };

  box.hidden = false;
  input.addEventListener("focus", load);
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") {
      const link = hits.querySelectorAll("a")[chosen];
      if (link) link.click();
      close();
    } else if (event.key === "Escape") {
      if (hits.hidden) input.blur();
      close();
    } else return;
    event.preventDefault();
  });
  hits.addEventListener("click", close);
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || (typing && typing.type !== "checkbox")) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

  // The dialects that a reader looked at last stay switched on, where the browser keeps that for files.
  const switches = [...document.querySelectorAll("[data-dialect]")];
  const KEY = "idgraph dialects";
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (Array.isArray(kept) && switches.some((one) => kept.includes(one.dataset.dialect))) {
      for (const one of switches) one.checked = kept.includes(one.dataset.dialect);
    }
  } catch {}
  for (const one of switches) {
    one.addEventListener("change", () => {
      const kept = switches.filter((other) => other.checked).map((other) => other.dataset.dialect);
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
      } catch {}
    });
  }
})();
