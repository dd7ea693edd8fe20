import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Id, Nullable, Text } from './shared.ts';

/** A user who is a member of the call’s tenant. */
export const KernelUser = Type.Object({ id: Id, email: Text, firstName: Text, lastName: Text });
/** A member of the call’s tenant. */
export const KernelMember = Type.Object({ userId: Id, email: Text, firstName: Text, lastName: Text, role: Text, joinedAt: Text });

/** `kernel:identity`. */
export const kernelIdentity = defineService({
  id: 'kernel.identity',
  version: '1.0.0',
  methods: {
    /** Null unless the user is a member of the call's tenant. */
    getUser: { input: Type.Object({ userId: Id }), output: Nullable(KernelUser), idempotent: true },
    listMembers: { input: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })), cursor: Type.Optional(Nullable(Text)) }), output: Type.Object({ items: Type.Array(KernelMember), nextCursor: Nullable(Text) }), idempotent: true },
  },
});
