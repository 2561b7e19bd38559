/**
 * Colours and type of everything that Doorstep draws: the report and the console. The colours of labels are Okabe and Ito's,
 * distinguishable for colour-blind readers; lighter in dark mode.
 */
export const THEME = `
:root { color-scheme: light dark; --font: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", sans-serif;
  --paper: light-dark(#fdfcfa, #14171c); --card: light-dark(#ffffff, #1b1f26); --ink: light-dark(#1c2024, #e8e9ec);
  --quiet: light-dark(#5a6270, #a3abb8); --line: light-dark(#e3e1dc, #323843);
  --accent: light-dark(#8a3ffc, #b18cff); --accent-text: light-dark(#6a1fd8, #c4a8ff); --advice: light-dark(#f5f0ff, #221c33);
  --label-1: light-dark(#0072b2, #56b4e9); --label-2: light-dark(#d55e00, #f0894a); --label-3: light-dark(#009e73, #35c79d);
  --label-4: light-dark(#b5609a, #dd94c4); --label-5: light-dark(#8a7a00, #e6d64a); --label-6: light-dark(#6b7280, #9ca3af);
  --strong: light-dark(#3d4a66, #a9b8da); --weak: light-dark(#c3cbdc, #465069);
  --covered: light-dark(#3b8f83, #4fb3a5); --gap: light-dark(#d55e00, #f0894a); --hatch: light-dark(#9aa1ad, #6d7583);
  --m0: light-dark(#f4f5f2, #20262c); --m1: light-dark(#fdeccb, #3b3222); --m2: light-dark(#fbd38f, #5c4420);
  --m3: light-dark(#f3a75a, #86551f); --m4: light-dark(#dd6b2c, #bd6626); --m5: light-dark(#a63c11, #f0935a); }
:root[data-theme=light] { color-scheme: light } :root[data-theme=dark] { color-scheme: dark }
`;
