/** Mail to a person about what happened to their account. Plain text: nothing that came from people can become markup. */
export interface Notice {
  subject: string;
  text: string;
  purpose: string;
}

/** One line: what somebody typed must not look like a part of our text. */
const quoted = (text: string): string => `“${text.replaceAll(/\s+/g, ' ').trim()}”`;

export const noticeOfImpersonation = ({ firstName, reason, minutes }: { firstName: string; reason: string; minutes: number }): Notice => ({
  subject: 'An operator is acting in your account',
  text: `Hello ${firstName},

an operator of this service has begun to act in your account, for ${minutes} minutes at the most. The reason given:

${quoted(reason)}

What is done meanwhile is marked in the activity of your account. If you did not expect this, ask whoever runs the service.
`,
  purpose: 'impersonation-started',
});

export const noticeOfErasure = ({ firstName, eraseAt }: { firstName: string; eraseAt: string }): Notice => ({
  subject: 'Your account is going to be deleted',
  text: `Hello ${firstName},

you have asked us to delete your account. It will be erased, with everything that is yours alone, after ${eraseAt.slice(0, 16).replace('T', ' ')} UTC.

Until then you can sign in and take it back. If it was not you who asked, sign in, take it back and change your password.
`,
  purpose: 'account-erasure-requested',
});

export const noticeOfRestoration = ({ firstName }: { firstName: string }): Notice => ({
  subject: 'Your account stays',
  text: `Hello ${firstName},

the deletion of your account was taken back. Nothing was erased.
`,
  purpose: 'account-restored',
});
