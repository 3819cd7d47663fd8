/* The script of every page, none of which needs it. It runs before the body, so it only listens. */
const $ = (selector, root = document) => root.querySelector(selector);
const page = document.documentElement;
page.classList.add('has-script');

// Light or dark: the system's choice unless the reader made one.
const remembered = () => { try { return localStorage.theme; } catch { return undefined; } };
if (remembered()) page.dataset.theme = remembered();
function switchTheme() {
  const dark = page.dataset.theme ? page.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  page.dataset.theme = dark ? 'light' : 'dark';
  try { localStorage.theme = page.dataset.theme; } catch { /* private window: for this page only */ }
}

async function copy(button) {
  await navigator.clipboard.writeText($(button.dataset.copy).textContent.trim());
  const said = $('.said', button);
  if (said) said.textContent = button.dataset.copied;
}

const openMenus = () => document.querySelectorAll('details.menu[open]');
document.addEventListener('click', event => {
  const at = selector => event.target.closest(selector);
  if (at('[data-theme-toggle]')) switchTheme();
  if (at('[data-copy]')) copy(at('[data-copy]'));
  if (at('[data-close]') && at('dialog')) { event.preventDefault(); at('dialog').close(); }
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

// Single keys: off while typing, with a modifier, under a dialog, or when the reader turned them off (WCAG 2.1.4).
const isTyping = target => target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') for (const menu of openMenus()) { menu.open = false; $('summary', menu).focus(); }
  if (event.metaKey || event.ctrlKey || event.altKey || page.dataset.keys === 'off' || isTyping(event.target)) return;
  if ($('dialog[open]')) return;
  if (event.key === '/') { event.preventDefault(); $('.seek input').focus(); return; }
  const target = event.key.length === 1 && $(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) { event.preventDefault(); target.focus(); target.click(); }
});

// The panel: htmx puts a form into <dialog id="panel">; the browser gives focus trap, Esc and focus return.
document.addEventListener('htmx:afterSwap', event => {
  const target = event.target;
  if (target.id === 'panel' && !target.open) target.showModal();
});

document.addEventListener('htmx:sendError', () => {
  $('#toasts').replaceChildren($('#t-offline').content.cloneNode(true));
});
