// By day or by night, and with how much motion: as the system says, until the visitor chooses.
const CHOSEN = 'florilegium.appearance';

// some browsers forbid it
const chosen = () => { try { return localStorage.getItem(CHOSEN); } catch { return null; } };

/** Tells the studio now, and whenever it changes. */
export function watchAppearance(page) {
  const dark = matchMedia('(prefers-color-scheme: dark)'), still = matchMedia('(prefers-reduced-motion: reduce)');
  const show = night => { document.documentElement.dataset.appearance = night ? 'dark' : 'light'; };
  const tell = () => {
    const night = chosen() ? chosen() === 'dark' : dark.matches;
    show(night);
    page.studio.appearance(night, still.matches);
  };
  page.host.appearance = {
    remember: ({dark: night}) => {
      show(night);
      try {
        localStorage.setItem(CHOSEN, night ? 'dark' : 'light');
      } catch { /* forbidden: until the page is left, then */
      }
      page.announce(night ? 'By night.' : 'By day.');
    },
  };
  dark.addEventListener('change', tell);
  still.addEventListener('change', tell);
  tell();
}
