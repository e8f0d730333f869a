// What is wrong with the text that a page shows: cut off, or of too little contrast (WCAG 2.2, 1.4.3).
// Evaluates to one line a fault; painted marks (their background is a gradient) are left to a unit test,
// a slider's value (it stands above its thumb, not on it) and icons (a font's letters) to axe-core.
() => {
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ancestors = (element) => {
    const found = [];
    for (let at = element; at; at = at.parentElement) found.push(at);
    return found;
  };
  const contrast = (element) => {
    let paper = [255, 255, 255];
    for (const at of ancestors(element).reverse()) paper = over(rgba(getComputedStyle(at).backgroundColor), paper);
    const ink = over(rgba(getComputedStyle(element).color), paper);
    const [dark, light] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const cut = (element, rect) => {
    let canScrollTo = false; // what scrolls down to its text does not cut it
    for (const at of ancestors(element)) {
      const { overflowX, overflowY } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      if (box.width <= 2) return false; // for screen readers alone
      if (overflowX !== "visible" && (rect.right > box.right + 1 || rect.left < box.left - 1)) return true;
      canScrollTo ||= ["auto", "scroll"].includes(overflowY);
      if (!canScrollTo && overflowY === "hidden" && rect.bottom > box.bottom + 1) return true;
    }
    return rect.right > innerWidth + 1;
  };
  const faults = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, noscript, [hidden]") || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(({ width }) => width > 2);
    if (rects.some((rect) => cut(element, rect))) faults.push(`cut: ${node.data.trim()}`);
    if (element.closest("mark, [data-testid=stSliderThumbValue], [data-testid^=stIcon]") || !rects.length) continue;
    if (ancestors(element).some((at) => at.getBoundingClientRect().width <= 2)) continue; // for screen readers alone
    const ratio = contrast(element);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(1)}: ${node.data.trim()}`);
  }
  return faults;
}
