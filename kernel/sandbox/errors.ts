import { defineError } from '@proofpix/sdk';

/** `details.budget`: `cpu`, `memory`, `host-calls` or `bytes`. The call is over; a retry would end the same way. */
export const BudgetExceeded = defineError({ code: 'BUDGET_EXCEEDED', kind: 'unavailable', message: 'The plugin used more than its budget allows.' });

/** The plugin was stopped for this tenant after repeated strikes; `retryAfterSeconds` says until when. */
export const PluginQuarantined = defineError({ code: 'PLUGIN_QUARANTINED', kind: 'unavailable', message: 'The plugin has been stopped after repeated breaches of its budgets.' });

/** A bundle that cannot be made or loaded; the message is for the plugin's author. */
export const BundleRefused = defineError({ code: 'BUNDLE_REFUSED', kind: 'invalid', message: 'The plugin cannot be bundled for the sandbox.' });

export type Budget = 'cpu' | 'memory' | 'host-calls' | 'bytes';
