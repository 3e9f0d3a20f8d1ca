// Mermaid's classic script as the module that sphinxcontrib-mermaid imports.
await new Promise((loaded) => {
  const script = document.createElement("script");
  script.src = new URL("mermaid.js", import.meta.url);
  script.onload = loaded;
  document.head.append(script);
});

export default globalThis.mermaid;
