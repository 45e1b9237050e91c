// What must happen in the browser itself: filters become the address, ages go on counting, a silent server is noticed.
(function () {
  "use strict";
  const LOST_AFTER_MS = 15000;
  let lastBeat = Date.now();
  let clockAhead = 0;

  function say(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const two = (n) => String(n).padStart(2, "0");
    if (s < 60) return s + " s ago";
    if (s < 3600) return Math.floor(s / 60) + " min " + two(s % 60) + " s ago";
    if (s < 86400) return Math.floor(s / 3600) + " h " + two(Math.floor((s % 3600) / 60)) + " min ago";
    return Math.floor(s / 86400).toLocaleString("en-US") + " d " + Math.floor((s % 86400) / 3600) + " h ago";
  }

  setInterval(function () {
    const now = Date.now() + clockAhead;
    document.querySelectorAll("time.ago").forEach(function (element) {
      const text = say((now - Date.parse(element.dateTime)) / 1000);
      if (element.firstChild && element.firstChild.nodeValue !== text) element.firstChild.nodeValue = text;
    });
    document.documentElement.dataset.server = Date.now() - lastBeat > LOST_AFTER_MS ? "lost" : "there";
  }, 1000);

  function wanted(id, value) {
    return value === null || value === undefined || String(value) === id.default ? "" : String(value);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    page: {
      // The server answered: its clock is the one that ages are counted on.
      beat: function (at) {
        if (at) {
          lastBeat = Date.now();
          clockAhead = Date.parse(at) - lastBeat;
        }
        return window.dash_clientside.no_update;
      },
      // The address takes what the filters say; the server draws the page from the address alone.
      choose: function (values, ids, search) {
        const parameters = new URLSearchParams(search || "");
        const trigger = window.dash_clientside.callback_context.triggered_id;
        ids.forEach(function (id, at) {
          const value = wanted(id, values[at]);
          const before = parameters.get(id.filter) || "";
          if (value === before) return;
          if (value) parameters.set(id.filter, value);
          else parameters.delete(id.filter);
          if (trigger && trigger.filter === id.filter && id.drops) parameters.delete(id.drops);
        });
        const text = parameters.toString();
        const next = text ? "?" + text : "";
        if (next !== (search || "")) window.dash_clientside.set_props("address", { search: next });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
