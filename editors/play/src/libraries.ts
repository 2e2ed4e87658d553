// Every library of the page, in one file.

export * from "@codemirror/autocomplete";
export * from "@codemirror/commands";
export * from "@codemirror/language";
export * from "@codemirror/lint";
export * from "@codemirror/search";
export * from "@codemirror/state";
export * from "@codemirror/view";
export { default } from "dompurify";
export { marked } from "marked";
