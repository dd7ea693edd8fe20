/** What an authenticator keeps of a user: the bytes of their id, in base64url; nothing that names a person. */
export const userHandleOf = (userId: string): string => userHandleBytes(userId).toString('base64url');

export const userHandleBytes = (userId: string): Buffer<ArrayBuffer> => Buffer.from(userId.replaceAll('-', ''), 'hex');
