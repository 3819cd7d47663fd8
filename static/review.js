/* Review by keyboard: moving in the list, choosing in menus, notices that pass. The page works without it. */
'use strict';
{
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isField = target => target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select');
  const current = () => one('.inbox li[aria-current]');
  const openMenu = () => one('.triage details.menu[open]');

  // -- The list

  function move(step) {
    const rows = all('.inbox li');
    const next = rows[rows.indexOf(current()) + step];
    if (next) one('a', next).click();
  }
  function mark(row, isCurrent) {
    row.ariaCurrent = isCurrent ? 'true' : null;
    if (isCurrent) row.scrollIntoView({ block: 'nearest' });
  }
  function countChosen() {
    const label = one('#bulk [data-chosen]');
    if (label) label.textContent = label.dataset.chosen.replace('{count}', all('.inbox li :checked').length);
  }
  document.addEventListener('change', event => { if (event.target.name === 'case') countChosen(); });
  document.addEventListener('reset', () => setTimeout(countChosen));
  document.addEventListener('click', event => {
    const at = selector => event.target.closest(selector);
    if (at('[data-choose-all]')) { for (const box of all('.inbox li [name=case]')) box.checked = true; countChosen(); }
    if (at('[data-open]')) document.getElementById(at('[data-open]').dataset.open).showModal();
  });

  // -- Keys, before those that every page has: inside an open menu digits and arrows choose.

  function inMenu(menu, key) {
    const buttons = all('button', menu);
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
    const button = !step && /^[1-9]$/.test(key) && buttons[key - 1];
    if (button) button.click();
    return Boolean(step || button);
  }
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => one('[name=case]', current() ?? undefined)?.click(),
    p: () => one('.candidates :checked')?.focus(),
  };
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && event.target.closest('.decide')) {
      one('.decide .go').click();
      return;
    }
    if (event.key === 'Escape' && isField(event.target) && !openMenu()) event.target.blur();
    const isOff = document.documentElement.dataset.keys === 'off' || one('dialog[open]');
    if (isOff || event.metaKey || event.ctrlKey || event.altKey || isField(event.target)) return;
    const menu = openMenu();
    const isDone = menu ? inMenu(menu, event.key) : keys[event.key]?.() !== undefined || event.key in keys;
    if (isDone) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  // What a person opens takes the focus; what arrives open leaves it where the page put it.
  const arrivedOpen = new WeakSet();
  document.addEventListener('toggle', event => {
    if (arrivedOpen.delete(event.target)) return;
    if (event.target.matches('.triage details.menu[open]')) one('button', event.target)?.focus();
    if (event.target.matches('.also[open]')) one('select', event.target)?.focus();
  }, true);

  // -- What htmx brought

  document.addEventListener('htmx:afterSwap', event => {
    for (const details of all('details[open]')) if (event.target.contains(details)) arrivedOpen.add(details);
    const chosen = event.target.id === 'item' && location.pathname.match(/(\d+)\/?$/);
    if (chosen) for (const row of all('.inbox li')) mark(row, row.id === `row-${chosen[1]}`);
  });
  document.addEventListener('htmx:afterSettle', () => { countChosen(); expire(); });

  // The notice with Undo stays for ten seconds, and as long as it is pointed at; the list of decisions keeps its own.
  const passing = new WeakSet();
  function expire() {
    for (const notice of all('[data-passing]')) {
      if (passing.has(notice)) continue;
      passing.add(notice);
      const leave = () => (notice.matches(':hover, :focus-within') ? setTimeout(leave, 2000) : notice.remove());
      setTimeout(leave, 10000);
    }
  }
  expire();
  countChosen();
  current()?.scrollIntoView({ block: 'nearest' });

  // Tells the server that this case is still being read, while the page is looked at.
  setInterval(() => { if (!document.hidden) document.body.dispatchEvent(new Event('stillreading')); }, 30000);
}
