/* Lays the report out from its data and draws its charts. */
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);
const look = JSON.parse(document.getElementById("look").textContent);

/* An element with properties and children. */
function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

const words = (name) => name.replaceAll("_", " ");
const isNumber = (value) => typeof value === "number";
const shown = (value) => isNumber(value) && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value ?? "";

/* ---- files ---- */

function save(name, blob) {
    const link = make("a", {href: URL.createObjectURL(blob), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/* The drawing with colours in the place of their names, on its own ground. */
function standalone(plot) {
    const style = getComputedStyle(document.documentElement), svg = plot.querySelector("svg").cloneNode(true);
    const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({width: "100%", height: "100%", fill: "var(--paper)"}))
        ground.setAttribute(key, value);
    svg.prepend(ground);
    svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return new XMLSerializer().serializeToString(svg)
        .replace(/var\((--\w+)\)/g, (whole, name) => style.getPropertyValue(name).trim());
}

async function savePng(name, plot) {
    const svg = plot.querySelector("svg"), scale = 2, image = new Image();
    image.src = URL.createObjectURL(new Blob([standalone(plot)], {type: "image/svg+xml"}));
    await image.decode();
    const canvas = make("canvas", {width: svg.clientWidth * scale, height: svg.clientHeight * scale});
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => save(name, blob));
}

function csvOf(rows) {
    const cell = (value) => /[",\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : value ?? "";
    const keys = Object.keys(rows[0]);
    return [keys, ...rows.map((row) => keys.map((key) => row[key]))].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

/* ---- tables ---- */

const MOST_ROWS = 500;

function tableOf(name, rows) {
    const keys = Object.keys(rows[0]), kind = (key) => isNumber(rows[0][key]) ? "" : "word";
    const head = make("tr", {}, ...keys.map((key) => make("th", {className: kind(key), scope: "col"}, words(key))));
    const body = rows.slice(0, MOST_ROWS).map((row) =>
        make("tr", {}, ...keys.map((key) => make("td", {className: kind(key)}, shown(row[key])))));
    const note = rows.length > MOST_ROWS ? `${words(name)}: ${MOST_ROWS} of ${rows.length} rows; the CSV has all` : words(name);
    return make("table", {}, make("caption", {}, note), make("thead", {}, head), make("tbody", {}, ...body));
}

/* Filled when it is opened. */
function detailsOf(chart) {
    const place = make("div", {className: "scroll", tabIndex: 0}), details = make("details", {}, make("summary", {}, "Data"), place);
    details.addEventListener("toggle", () => {
        if (!details.open || place.firstChild) return;
        for (const [name, rows] of Object.entries(chart.spec.datasets)) if (rows.length) place.append(tableOf(name, rows));
    });
    return details;
}

/* ---- charts ---- */

const drawn = [];

async function draw(item) {
    const {plot, chart, study} = item, spec = structuredClone(chart.spec);
    plot.hidden = false; // for its width
    spec.width = plot.clientWidth;
    spec.autosize = {type: "fit-x", contains: "padding"};
    spec.description = `${chart.title}. ${chart.caption}`;
    item.view?.finalize();
    item.view = (await vegaEmbed(plot, spec, {renderer: "svg", actions: false, config: look, logLevel: 1, tooltip: {theme: "custom"}})).view;
    await choose(item, study.chosen);
}

/* The chart shows the chosen metric and series, where it has them. */
async function choose(item, chosen) {
    const rows = Object.values(item.chart.spec.datasets)[0];
    const has = (row, key) => chosen[key] === "all" || !(key in row) || row[key] === chosen[key];
    const metric = rows.some((row) => has(row, "metric")), both = rows.some((row) => has(row, "metric") && has(row, "series"));
    item.plot.hidden = !both;
    item.note.textContent = !metric ? `Nothing here about ${chosen.metric}.` : !both ? `Nothing here about ${chosen.series}.`
        : chosen.metric !== item.study.headline && "metric" in rows[0] ? `These words are about ${item.study.headline}.` : "";
    if (both) await item.view.signal("metric", chosen.metric).signal("series", chosen.series).resize().runAsync();
}

function figureOf(chart, study) {
    const plot = make("div", {className: "plot"}), note = make("p", {className: "note"});
    const item = {chart, study, plot, note}, file = `${study.study}-${chart.id}`;
    const button = (text, action) => {
        const element = make("button", {type: "button", onclick: action}, text);
        element.setAttribute("aria-label", `${text} of: ${chart.title}`);
        return element;
    };
    drawn.push(item);
    const figure = make("figure", {id: `${study.number}-${chart.id}`},
        make("h2", {}, chart.title), make("figcaption", {}, chart.caption, chart.spec.usermeta?.hint ?? ""), note, plot,
        make("div", {className: "tools"}, detailsOf(chart),
            button("SVG", () => save(`${file}.svg`, new Blob([standalone(plot)], {type: "image/svg+xml"}))),
            button("PNG", () => savePng(`${file}.png`, plot)),
            button("CSV", () => save(`${file}.csv`, new Blob([csvOf(Object.values(chart.spec.datasets)[0])], {type: "text/csv"})))));
    return figure;
}

/* ---- the page ---- */

/* The values of a column, in the order in which they are met. */
function valuesOf(study, column) {
    const values = new Set();
    for (const chart of study.charts)
        for (const rows of Object.values(chart.spec?.datasets ?? {}))
            for (const row of rows) if (row[column] != null) values.add(row[column]);
    return [...values];
}

function selectOf(name, values, chosen, apply) {
    const select = make("select", {onchange: () => apply(select.value)},
        ...values.map((value) => make("option", {value, selected: value === chosen}, value)));
    return make("label", {}, `${name} `, select);
}

function controlsOf(study) {
    const apply = (key) => (value) => {
        study.chosen[key] = value;
        for (const item of drawn) if (item.study === study) choose(item, study.chosen);
    };
    const controls = make("div", {className: "controls"}), series = valuesOf(study, "series");
    const metrics = valuesOf(study, "metric");
    if (metrics.length > 1) controls.append(selectOf("Metric", metrics, study.headline, apply("metric")));
    if (series.length > 1) controls.append(selectOf("Show", ["all", ...series], "all", apply("series")));
    return controls;
}

function restOf(study) {
    const missing = study.charts.filter((chart) => chart.reason);
    const list = [...new Set(missing.map((chart) => chart.reason))].map((reason) => {
        const titles = missing.filter((chart) => chart.reason === reason).map((chart) => chart.title);
        return make("li", {}, make("b", {}, titles.join("; ")), `: ${reason}.`);
    });
    const copy = make("button", {type: "button", className: "no-print", onclick: () => navigator.clipboard.writeText(study.paragraph)}, "Copy");
    return make("section", {className: "rest"},
        ...(list.length ? [make("h2", {}, "Not shown, and why"), make("ul", {}, ...list)] : []),
        make("pre", {}, study.checks.trim()),
        make("h2", {}, "For a paper"), make("p", {}, study.paragraph), copy,
        make("details", {}, make("summary", {}, "All numbers as text"), make("pre", {}, study.text)));
}

function studyOf(study, number) {
    Object.assign(study, {number, chosen: {metric: study.headline, series: "all"}});
    const charts = study.charts.filter((chart) => chart.spec);
    charts.sort((a, b) => (b.id === study.first) - (a.id === study.first));
    const [first, ...others] = charts.map((chart) => figureOf(chart, study));
    return make("section", {className: "study"},
        make("header", {}, make("h1", {}, study.runs), ...(number === 0 ? [schemeButton()] : [])),
        make("p", {className: "machine"}, study.machine),
        make("p", {className: "answer"}, study.answer),
        make("p", {className: "key"}, study.key),
        controlsOf(study), ...(first ? [first] : []), ...others, restOf(study));
}

function schemeButton() {
    const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => root.dataset.scheme ? root.dataset.scheme === "dark" : dark.matches;
    const name = () => isDark() ? "Light" : "Dark";
    const button = make("button", {type: "button"}, name());
    button.onclick = () => {
        root.dataset.scheme = isDark() ? "light" : "dark";
        button.textContent = name();
    };
    return button;
}

async function show() {
    document.body.append(...report.studies.map(studyOf),
        make("p", {className: "note"}, `Made by seedvar ${report.version}.`));
    for (const item of drawn) await draw(item);
    document.body.dataset.drawn = drawn.length;
}

let width = innerWidth, waiting;
addEventListener("resize", () => {
    clearTimeout(waiting);
    if (innerWidth !== width) waiting = setTimeout(() => { width = innerWidth; drawn.forEach(draw); }, 200);
});
show();
