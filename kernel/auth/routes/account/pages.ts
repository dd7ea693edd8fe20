import type { FastifyInstance } from 'fastify';
import { type PageField, tokenPage, type TokenPage, tokenPagePolicy } from '../../account/page.ts';

const firstName: PageField = { name: 'firstName', label: 'First name', type: 'text', fill: 'given-name' };
const lastName: PageField = { name: 'lastName', label: 'Last name', type: 'text', fill: 'family-name' };
const email: PageField = { name: 'email', label: 'Email', type: 'email', fill: 'username' };
const newPassword: PageField = { name: 'password', label: 'New password', type: 'password', fill: 'new-password' };
const password: PageField = { name: 'password', label: 'Password', type: 'password', fill: 'current-password' };

const pages: Readonly<Record<string, TokenPage>> = {
  '/verify-email': { title: 'Confirm your email address', forms: [{ text: 'Is this address yours?', fields: [], button: 'Yes, it is mine', endpoint: '../api/auth/verify-email', done: 'Thank you. You can log in now.' }] },
  '/reset-password': { title: 'Choose a new password', forms: [{ text: 'Every session of your account will end.', fields: [newPassword], button: 'Set the password', endpoint: '../api/auth/reset-password', done: 'Your password is changed. Log in with it.' }] },
  '/change-email': { title: 'Confirm your new email address', forms: [{ text: 'Is this to be the email address of your account?', fields: [], button: 'Yes, change it', endpoint: '../api/auth/change-email/confirm', done: 'Your email address is changed. Log in with it from now on.' }] },
  // a client like any other of whatever answers at these paths
  '/invitation': {
    title: 'You are invited to a team',
    forms: [
      { text: 'You have an account with the invited address: accept with it.', fields: [email, password], button: 'Accept', endpoint: '../api/teams/invitations/{token}/accept', login: true, done: 'You are a member of the team now.' },
      { text: 'You have none: make one. Its address is the invited one.', fields: [firstName, lastName, newPassword], button: 'Make an account and accept', endpoint: '../api/teams/invitations/{token}/register', done: 'You are a member of the team now. Log in with the invited address.' },
    ],
  },
};

/** Where the links in mails lead. No file or style is loaded, and no cookie is set. */
export default async function accountPages(fastify: FastifyInstance): Promise<void> {
  for (const [url, page] of Object.entries(pages)) {
    const html = tokenPage(page);
    fastify.get(url, { config: { access: 'public' } }, async (_request, reply) => reply.header('content-security-policy', tokenPagePolicy).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html));
  }
}
