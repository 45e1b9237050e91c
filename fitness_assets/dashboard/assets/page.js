// What must happen in the browser itself: filters become the address, ages go on counting, a silent server is noticed,
// and what the next page needs is there before it is opened.
(function () {
  "use strict";
  const LOST_AFTER_MS = 10000;
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

  // Plotly was loaded with the page. Where the page has no chart it is run when the page is calm, for the next one.
  window.addEventListener("load", function () {
    setTimeout(function () {
      if (window.Plotly || !window._dashPlotlyJSURL || document.querySelector(".dash-graph")) return;
      document.head.appendChild(Object.assign(document.createElement("script"), { src: window._dashPlotlyJSURL, async: true }));
    }, 1500);
  });

  function same(one, other) {
    if (one === other) return true;
    if (!one || !other || typeof one !== "object" || typeof other !== "object") return false;
    const names = Object.keys(one);
    return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]));
  }

  function isComponent(node) {
    return Boolean(node && typeof node === "object" && node.props && node.type && node.namespace);
  }

  // Make the component at `path` look like `after`, in place; whether that could be done. A component that Dash is
  // given anew loses the focus, the pointer's label and a chart's drawing, so only what differs is given to it.
  function become(before, after, path) {
    if (!isComponent(before) || !isComponent(after)) return false;
    if (before.type !== after.type || !same(before.props.id, after.props.id)) return false;
    const changed = {};
    for (const name of Object.keys(after.props)) {
      if (name !== "children" && !same(before.props[name], after.props[name])) changed[name] = after.props[name];
    }
    if (after.namespace === "dash_html_components") {
      for (const name of Object.keys(before.props)) {
        if (!(name in after.props) && !name.startsWith("n_clicks") && before.props[name] !== null) changed[name] = null;
      }
    }
    const children = path.concat(["props", "children"]);
    if (!within(before.props.children, after.props.children, children)) changed.children = after.props.children;
    if (Object.keys(changed).length) window.dash_clientside.set_props(path, changed);
    return true;
  }

  function within(before, after, path) {
    if (Array.isArray(before) && Array.isArray(after)) {
      return before.length === after.length && after.every((one, at) => same(before[at], one) || become(before[at], one, path.concat([at])));
    }
    return same(before, after) || become(before, after, path);
  }

  function pathTo(node, id, path) {
    if (!isComponent(node)) return null;
    if (node.props.id === id) return path;
    const children = path.concat(["props", "children"]);
    if (!Array.isArray(node.props.children)) return pathTo(node.props.children, id, children);
    for (let at = 0; at < node.props.children.length; at++) {
      const found = pathTo(node.props.children[at], id, children.concat([at]));
      if (found) return found;
    }
    return null;
  }

  function draw(id) {
    return function (next) {
      if (!next) return window.dash_clientside.no_update;
      const path = pathTo(window.dash_component_api.getLayout(["components"]), id, ["components"]);
      const place = path && window.dash_component_api.getLayout(path);
      if (!place) return next;
      return within(place.props.children, next, path.concat(["props", "children"])) ? window.dash_clientside.no_update : next;
    };
  }

  function wanted(id, value) {
    return value === null || value === undefined || String(value) === id.default ? "" : String(value);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    page: {
      head: draw("head"),
      body: draw("body"),
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
