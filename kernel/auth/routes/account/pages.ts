import type { FastifyInstance } from 'fastify';
import { tokenPage, type TokenPage, tokenPagePolicy } from '../../account/page.ts';

const pages: Readonly<Record<string, TokenPage>> = {
  '/verify-email': { title: 'Confirm your email address', text: 'Is this address yours?', button: 'Yes, it is mine', endpoint: '../api/auth/verify-email', password: false, done: 'Thank you. You can log in now.' },
  '/reset-password': { title: 'Choose a new password', text: 'Every session of your account will end.', button: 'Set the password', endpoint: '../api/auth/reset-password', password: true, done: 'Your password is changed. Log in with it.' },
  '/change-email': { title: 'Confirm your new email address', text: 'Is this to be the email address of your account?', button: 'Yes, change it', endpoint: '../api/auth/change-email/confirm', password: false, done: 'Your email address is changed. Log in with it from now on.' },
};

/** Where the links in mails about an account lead. No file or style is loaded, and no cookie is set. */
export default async function accountPages(fastify: FastifyInstance): Promise<void> {
  for (const [url, page] of Object.entries(pages)) {
    const html = tokenPage(page);
    fastify.get(url, { config: { access: 'public' } }, async (_request, reply) => reply.header('content-security-policy', tokenPagePolicy).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html));
  }
}
