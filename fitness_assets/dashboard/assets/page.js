// What must happen in the browser itself: filters become the URL, ages go on counting, a silent server is noticed,
// and what the next page needs is there before it is opened.
(function () {
  "use strict";
  const DISCONNECTED_AFTER_MS = 10000;
  let lastHeartbeat = Date.now();
  let serverClockOffset = 0;

  function formatTimeAgo(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const twoDigits = (n) => String(n).padStart(2, "0");
    if (s < 60) return s + " s ago";
    if (s < 3600) return Math.floor(s / 60) + " min " + twoDigits(s % 60) + " s ago";
    if (s < 86400) return Math.floor(s / 3600) + " h " + twoDigits(Math.floor((s % 3600) / 60)) + " min ago";
    return Math.floor(s / 86400).toLocaleString("en-US") + " d " + Math.floor((s % 86400) / 3600) + " h ago";
  }

  setInterval(function () {
    const now = Date.now() + serverClockOffset;
    document.querySelectorAll("time.time-ago").forEach(function (element) {
      const text = formatTimeAgo((now - Date.parse(element.dateTime)) / 1000);
      if (element.firstChild && element.firstChild.nodeValue !== text) element.firstChild.nodeValue = text;
    });
    const isSilent = Date.now() - lastHeartbeat > DISCONNECTED_AFTER_MS;
    document.documentElement.dataset.server = isSilent ? "disconnected" : "connected";
  }, 1000);

  // Plotly was loaded with the page. Where the page has no chart it is run when the page is calm, for the next one.
  window.addEventListener("load", function () {
    setTimeout(function () {
      if (window.Plotly || !window._dashPlotlyJSURL || document.querySelector(".dash-graph")) return;
      document.head.appendChild(Object.assign(document.createElement("script"), { src: window._dashPlotlyJSURL, async: true }));
    }, 1500);
  });

  function isEqual(a, b) {
    if (a === b) return true;
    if (!a || !b || typeof a !== "object" || typeof b !== "object") return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], b[key]));
  }

  function isComponent(node) {
    return Boolean(node && typeof node === "object" && node.props && node.type && node.namespace);
  }

  // Make the component at `path` look like `after`, in place; whether that could be done. A component that Dash is
  // given anew loses the focus, the pointer's label and a chart's drawing, so only what differs is given to it.
  function patchComponent(before, after, path) {
    if (!isComponent(before) || !isComponent(after)) return false;
    if (before.type !== after.type || !isEqual(before.props.id, after.props.id)) return false;
    const changed = {};
    for (const name of Object.keys(after.props)) {
      if (name !== "children" && !isEqual(before.props[name], after.props[name])) changed[name] = after.props[name];
    }
    if (after.namespace === "dash_html_components") {
      for (const name of Object.keys(before.props)) {
        if (!(name in after.props) && !name.startsWith("n_clicks") && before.props[name] !== null) changed[name] = null;
      }
    }
    const childrenPath = path.concat(["props", "children"]);
    if (!patchChildren(before.props.children, after.props.children, childrenPath)) changed.children = after.props.children;
    if (Object.keys(changed).length) window.dash_clientside.set_props(path, changed);
    return true;
  }

  function patchChildren(before, after, path) {
    if (Array.isArray(before) && Array.isArray(after)) {
      return before.length === after.length && after.every((child, index) =>
        isEqual(before[index], child) || patchComponent(before[index], child, path.concat([index])));
    }
    return isEqual(before, after) || patchComponent(before, after, path);
  }

  function findPath(node, id, path) {
    if (!isComponent(node)) return null;
    if (node.props.id === id) return path;
    const childrenPath = path.concat(["props", "children"]);
    if (!Array.isArray(node.props.children)) return findPath(node.props.children, id, childrenPath);
    for (let index = 0; index < node.props.children.length; index++) {
      const childPath = findPath(node.props.children[index], id, childrenPath.concat([index]));
      if (childPath) return childPath;
    }
    return null;
  }

  // Show the next content of the element with that id: patched into what is there, or instead of it.
  function patchContent(id) {
    return function (next) {
      if (!next) return window.dash_clientside.no_update;
      const path = findPath(window.dash_component_api.getLayout(["components"]), id, ["components"]);
      const container = path && window.dash_component_api.getLayout(path);
      if (!container) return next;
      const isPatched = patchChildren(container.props.children, next, path.concat(["props", "children"]));
      return isPatched ? window.dash_clientside.no_update : next;
    };
  }

  function parameterValue(id, value) {
    return value === null || value === undefined || String(value) === id.default ? "" : String(value);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    page: {
      head: patchContent("head"),
      body: patchContent("body"),
      // The server answered: its clock is the one that ages are counted on.
      heartbeat: function (serverTime) {
        if (serverTime) {
          lastHeartbeat = Date.now();
          serverClockOffset = Date.parse(serverTime) - lastHeartbeat;
        }
        return window.dash_clientside.no_update;
      },
      // The URL takes what the filters say; the server draws the page from the URL alone.
      setFilters: function (values, ids, search) {
        const parameters = new URLSearchParams(search || "");
        ids.forEach(function (id, index) {
          const value = parameterValue(id, values[index]);
          if (value === (parameters.get(id.filter) || "")) return;
          if (value) parameters.set(id.filter, value);
          else parameters.delete(id.filter);
        });
        const text = parameters.toString();
        const next = text ? "?" + text : "";
        if (next !== (search || "")) window.dash_clientside.set_props("url", { search: next });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
