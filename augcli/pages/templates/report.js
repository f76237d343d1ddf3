/* A tile leads to its row: the row opens. */
(() => {
  const open = () => {
    const row = location.hash.startsWith("#row-") && document.getElementById(location.hash.slice(1));
    if (row) {
      row.open = true;
      row.scrollIntoView();
      row.querySelector("summary").focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", open);
  open();
})();
