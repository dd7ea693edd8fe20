import { Type, type Static } from '@proofpix/sdk';

const Uuid = Type.String({ format: 'uuid' });
const ParentId = Type.Union([Uuid, Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 255 });
const closed = { additionalProperties: false };

export const FolderParams = Type.Object({ folderId: Uuid });

/** Without a parent, or with null: at the top. */
export const NewFolder = Type.Object({ name: Name, parentId: Type.Optional(ParentId) }, closed);

export const FolderChange = Type.Object({ name: Type.Optional(Name), parentId: Type.Optional(ParentId) }, { additionalProperties: false, minProperties: 1 });

export const FolderQuery = Type.Object(
  {
    /** Default the top. */
    parentId: Type.Optional(Uuid),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  closed,
);

export const DeleteFolderQuery = Type.Object({ recursive: Type.Optional(Type.Boolean()) }, closed);

const folder = {
  id: Type.String(),
  name: Type.String(),
  parentId: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
};
export const Folder = Type.Object(folder);
export type Folder = Static<typeof Folder>;
/** `path` leads from the top to the folder itself. */
export const FolderWithPath = Type.Object({ ...folder, path: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })) });
export const FolderPage = Type.Object({ items: Type.Array(Folder), nextCursor: Type.Union([Type.String(), Type.Null()]) });
