/** What a bare isolate lacks, installed before the plugin's modules are evaluated. */
// These modules are evaluated for what they install, in this order.
/* oxlint-disable import/no-unassigned-import */
import './bridge.ts';
// The SDK itself makes a TextEncoder as it loads, so this comes before anything that imports it.
import './text.ts';
import './base64.ts';
import './url.ts';
import './timers.ts';
import './clone.ts';
import './abort.ts';
import './console.ts';
