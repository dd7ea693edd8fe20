import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Id } from './shared.ts';

/** `kernel:mail`. */
export const kernelMail = defineService({
  id: 'kernel.mail',
  version: '1.0.0',
  methods: {
    /**
     * Stores a mail of the call's tenant to one person; it is handed over soon after, at least once, and waits for an
     * operator where no mail server is configured. A tenant may send 500 an hour. With an `idempotencyKey` the same
     * mail asked for again is the first one (`isNew` false), within 30 days.
     *
     * `html` is sent as it is: escape what came from people. `purpose` is kept under the plugin's id: `<plugin>.<purpose>`.
     *
     * @throws VALIDATION_ERROR for a bad address, a line break in the subject, or too much text; RATE_LIMIT_EXCEEDED
     */
    send: {
      input: Type.Object({
        to: Type.String({ minLength: 3, maxLength: 254 }),
        subject: Type.String({ minLength: 1, maxLength: 200 }),
        text: Type.String({ minLength: 1, maxLength: 65_536 }),
        html: Type.Optional(Type.String({ maxLength: 262_144 })),
        purpose: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' }),
        idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        /** it is not sent any more after that; default 7 days */
        usefulForSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 2_592_000 })),
      }),
      output: Type.Object({ mailId: Id, isNew: Type.Boolean() }),
    },
    /** The address by which people reach a path (`/…`) of this deployment: for links in mails, which must never follow from a request. */
    linkTo: { input: Type.Object({ path: Type.String({ pattern: '^/[!-~]*$', maxLength: 2000 }) }), output: Type.Object({ url: Type.String() }), idempotent: true },
  },
});
