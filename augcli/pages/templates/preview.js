/* The preview: overlays by kind, filters, order by a drawn value, the source in a copy's place. */
(() => {
  const { cards, steps, classes, scales } = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  for (const card of cards) card.element = by(card.id);
  const strips = [...document.querySelectorAll(".strip")];

  /* Kinds of labels. */
  const kinds = by("kinds");
  kinds?.addEventListener("change", ({ target }) => {
    for (const group of document.querySelectorAll(`.overlay [data-kind="${target.value}"]`)) {
      group.toggleAttribute("hidden", !target.checked);
      group.setAttribute("display", target.checked ? "inline" : "none");
    }
  });

  /* Where there is little room, pictures come before sliders. */
  if (innerWidth < 640) document.querySelector(".scales")?.removeAttribute("open");

  /* Filters. */
  const picked = (id, names) => { const value = by(id)?.value ?? ""; return value === "" ? null : names ? names[value] : value; };
  const filter = () => {
    const step = picked("by-step", steps), label = picked("by-class", classes), source = picked("by-source");
    const worth = by("worth").checked;
    let count = 0;
    for (const card of cards) {
      const fits = (step === null || card.steps.includes(step)) && (label === null || card.classes.includes(label))
        && (source === null || card.strip === source) && (!worth || card.worth);
      card.element.hidden = !fits;
      count += fits;
      for (const item of card.element.querySelectorAll(".steps li")) item.classList.toggle("sought", item.dataset.step === step);
    }
    for (const strip of strips) {
      const own = cards.filter((card) => card.strip === strip.id);
      const filtered = step !== null || label !== null || worth;
      strip.hidden = (source !== null && strip.id !== source) || (filtered && own.every((card) => card.element.hidden));
    }
    by("count").textContent = `${count === cards.length ? "" : `${count} of `}${cards.length} ${cards.length === 1 ? "copy" : "copies"}`;
    by("nothing").hidden = count > 0 || cards.length === 0;
  };
  for (const id of ["by-step", "by-class", "by-source", "worth"]) by(id)?.addEventListener("change", filter);
  filter();

  /* Order by a drawn value. */
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });
  const shown = (value) => number.format(value).replace("-", "−");
  const order = (scale, value) => {
    for (const strip of strips) {
      const own = cards.filter((card) => card.strip === strip.id);
      const at = (card) => (scale === null ? card.copy : card.values[scale.key] ?? Infinity);
      const sorted = [...own].sort((a, b) => (at(a) === at(b) ? a.copy - b.copy : at(a) - at(b)));
      const place = strip.querySelector(".copies");
      if (sorted.some((card, index) => place.children[index] !== card.element)) place.append(...sorted.map((card) => card.element));
      let nearest = null;
      for (const card of sorted) {
        card.element.classList.remove("nearest");
        const off = scale === null ? Infinity : Math.abs(at(card) - value);
        if (off < Infinity && !card.element.hidden && (nearest === null || off < nearest.off)) nearest = { off, card };
      }
      nearest?.card.element.classList.add("nearest");
    }
    by("order").hidden = scale === null;
    if (scale !== null) by("order-words").textContent = `by ${scale.step} ${scale.value}, nearest to ${shown(value)}${scale.sign}`;
    for (const output of document.querySelectorAll(".scale output")) output.hidden = true;
  };
  for (const input of document.querySelectorAll("[data-scale]")) {
    const scale = scales[input.dataset.scale];
    input.addEventListener("input", () => {
      const value = Number(input.value);
      order(scale, value);
      const output = input.closest(".scale").querySelector("output");
      output.hidden = false;
      output.textContent = shown(value) + scale.sign;
      input.setAttribute("aria-valuetext", output.textContent);
    });
  }
  by("unsort").addEventListener("click", () => order(null));

  /* Hold to compare. */
  const source = (frame) => frame.closest(".strip").querySelector(".source .picture");
  const compare = (frame) => {
    if (frame.classList.contains("comparing") || !source(frame)) return;
    const twin = source(frame).cloneNode(true);
    twin.classList.add("in-place");
    frame.classList.add("comparing");
    frame.append(twin);
  };
  const release = (frame) => {
    frame.classList.remove("comparing");
    frame.querySelector(".in-place")?.remove();
  };
  const frames = [...document.querySelectorAll("button.frame")];
  const releaseAll = () => frames.forEach(release);
  for (const frame of frames) {
    frame.addEventListener("pointerdown", (event) => { if (event.button === 0) compare(frame); });
    for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) frame.addEventListener(end, () => release(frame));
    frame.addEventListener("contextmenu", (event) => { if (frame.classList.contains("comparing")) event.preventDefault(); });
    frame.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") { event.preventDefault(); compare(frame); }
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const rows = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step && !rows) return;
      event.preventDefault();
      const visible = frames.filter((each) => each.offsetParent !== null)
        .sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
      let next = visible[visible.indexOf(frame) + (step ?? 0)];
      if (rows) {
        const all = visible.map((each) => each.closest(".strip"));
        const here = frame.closest(".strip"), column = visible.filter((each) => each.closest(".strip") === here).indexOf(frame);
        const others = [...new Set(all)], strip = others[others.indexOf(here) + rows];
        const row = visible.filter((each) => each.closest(".strip") === strip);
        next = row[Math.min(column, row.length - 1)];
      }
      next?.focus();
    });
    frame.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") release(frame); });
  }
  const typing = (target) => target.matches?.("input, select, textarea");
  addEventListener("keydown", (event) => { if (event.key.toLowerCase() === "o" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) frames.forEach(compare); });
  addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "o") releaseAll(); });
  addEventListener("blur", releaseAll);
})();
