/** One small style sheet for all pages: light and dark, wide and narrow, without a framework. */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f5f2, #16181c);
  --card: light-dark(#ffffff, #1f2228);
  --ink: light-dark(#1d2026, #e8e9ec);
  --quiet: light-dark(#5d6370, #a3a9b5);
  --line: light-dark(#dedcd6, #353a43);
  --well: light-dark(#f3f2ee, #17191e);
  --good: light-dark(#136c3a, #6fd49a);
  --good-tint: light-dark(#e0f3e6, #173526);
  --warn: light-dark(#855100, #f0bd6a);
  --warn-tint: light-dark(#fcefd4, #3a2d14);
  --bad: light-dark(#a3262a, #ff9d98);
  --bad-tint: light-dark(#fbe4e2, #43211f);
}
.application { --accent: light-dark(#2b50c8, #9db4ff); --on-accent: light-dark(#fff, #10162c); }
.provider { --accent: light-dark(#8a2f68, #f3a5d2); --on-accent: light-dark(#fff, #2c0d20); }

* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif;
}
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.875em; }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -0.015em; margin: 0 0 0.5rem; text-wrap: balance; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0; }
p { margin: 0.5rem 0; text-wrap: pretty; }

.bar { border-bottom: 1px solid var(--line); border-top: 4px solid var(--accent); background: var(--card); }
.bar p { max-width: 72rem; margin: 0 auto; padding: 0.7rem 1.25rem; font-weight: 650; }
.bar a { color: inherit; text-decoration: none; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
.intro { margin-bottom: 1.5rem; }
.quiet { color: var(--quiet); font-size: 0.9rem; }

.card {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  padding: 1.25rem;
}
.card > :last-child { margin-bottom: 0; }
.narrow { max-width: 34rem; margin: 1rem auto; padding: 1.75rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.connection { display: grid; grid-row: span 5; grid-template-rows: subgrid; row-gap: 0; align-content: start; }
.connection header { display: flex; flex-wrap: wrap; gap: 0.5rem; justify-content: space-between; align-items: center; }
.connection > p { color: var(--quiet); margin-bottom: 0.75rem; }
.connection dl { margin: 0 0 1.1rem; }
.connection dl div { display: flex; gap: 0.75rem; padding: 0.35rem 0; border-top: 1px solid var(--line); }
dt { color: var(--quiet); flex: 0 0 4.5rem; }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }

.state {
  border-radius: 1rem;
  padding: 0.1rem 0.7rem;
  font-size: 0.85rem;
  font-weight: 600;
  background: var(--well);
  color: var(--quiet);
}
[data-state='connected'] .state { background: var(--good-tint); color: var(--good); }
[data-state='expired'] .state { background: var(--warn-tint); color: var(--warn); }
[data-state='needs-reconnect'] .state { background: var(--bad-tint); color: var(--bad); }

.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; align-content: start; }
.narrow .buttons { margin: 1.25rem 0 0.75rem; }
button, .button {
  font: inherit;
  font-size: 0.95rem;
  font-weight: 500;
  color: var(--ink);
  background: var(--card);
  border: 1px solid light-dark(#b6b4ad, #565c68);
  border-radius: 0.5rem;
  padding: 0.45rem 0.9rem;
  cursor: pointer;
  text-decoration: none;
}
button:hover, .button:hover { border-color: var(--accent); }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.primary:hover, .button.primary:hover { filter: brightness(1.08); }
button:disabled { color: var(--quiet); background: var(--well); border-color: var(--line); cursor: not-allowed; }
[aria-busy='true'] button:disabled { cursor: progress; }

.result:not(:empty) { align-self: start; margin-top: 1rem; padding: 0.75rem 0.9rem; border-radius: 0.5rem; background: var(--well); }
.result p { margin: 0; }
.result pre { margin: 0.5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.result.failed { background: var(--bad-tint); color: var(--bad); }

.live { white-space: nowrap; }
.live::before { content: ''; display: inline-block; width: 0.55em; height: 0.55em; margin: 0 0.4em 0 0.5em; border-radius: 50%; background: var(--quiet); }
.live[data-live='on']::before { background: var(--good); }
.live[data-live='off']::before { background: var(--bad); }

.journal { margin-top: 1rem; }
.journal ol { list-style: none; margin: 0.75rem 0 0; padding: 0; max-height: 16rem; overflow-y: auto; font-size: 0.9rem; }
.journal ol:empty { display: none; }
.journal ol:not(:empty) + p { display: none; }
.journal li { display: flex; flex-wrap: wrap; gap: 0 0.9rem; padding: 0.35rem 0; border-top: 1px solid var(--line); }
.fleet { margin-top: 1rem; overflow-x: auto; }
.fleet table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.fleet th, .fleet td { text-align: start; padding: 0.35rem 0.9rem 0.35rem 0; border-top: 1px solid var(--line); }
.fleet th { color: var(--quiet); font-weight: normal; border-top: none; }
.journal time { color: var(--quiet); font-variant-numeric: tabular-nums; }

.field { margin: 1.1rem 0; }
.field label { display: block; font-weight: 600; }
input {
  font: inherit;
  color: inherit;
  width: 100%;
  margin: 0.3rem 0;
  padding: 0.45rem 0.7rem;
  background: var(--well);
  border: 1px solid light-dark(#8d8b84, #6b7280);
  border-radius: 0.5rem;
}
.ticks { margin: 0.5rem 0; padding-left: 1.2rem; }
.ticks code { color: var(--quiet); white-space: nowrap; }
.row { display: flex; gap: 1rem; justify-content: space-between; align-items: center; padding: 0.75rem 0; border-top: 1px solid var(--line); }
`;
