import { reply } from '@proofpix/sdk';
import { DeleteFolderQuery, Folder, FolderChange, FolderPage, FolderParams, FolderQuery, FolderWithPath, NewFolder } from '../folder-schemas.ts';
import { route } from '../kit.ts';
import { changeFolder, createFolder } from '../services/change-folder.ts';
import { deleteFolder } from '../services/delete-folder.ts';
import { checkFilename } from '../services/file-name.ts';
import { folderView, parentKeyOf, pathOf, type StoredFolder } from '../services/folder-tree.ts';

export const addFolder = route({
  name: 'folders.create',
  method: 'POST',
  path: '/api/files/folders',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Make a folder, at the top or in another one',
  body: { json: NewFolder, maxBytes: 4096 },
  status: 201,
  response: Folder,
  async handler(ctx, { body: { name, parentId = null } }) {
    checkFilename(name, 'body.name');
    return folderView(await createFolder(ctx, name, parentId));
  },
});

export const listFolders = route({
  name: 'folders.list',
  method: 'GET',
  path: '/api/files/folders',
  access: 'tenant',
  permission: 'files:read',
  summary: 'The folders in a folder, or at the top, by name',
  query: FolderQuery,
  response: FolderPage,
  async handler(ctx, { query: { parentId = null, limit = 50, cursor = null } }) {
    const { items, nextCursor } = await ctx.db.folders.find({ where: { parentKey: parentKeyOf(parentId) }, orderBy: [['nameKey', 'asc']], limit, cursor });
    return { items: items.map(folderView), nextCursor };
  },
});

export const getFolder = route({
  name: 'folders.get',
  method: 'GET',
  path: '/api/files/folders/:folderId',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A folder with the way to it',
  params: FolderParams,
  response: FolderWithPath,
  async handler(ctx, { params }) {
    const path = await pathOf(ctx.db, params.folderId);
    return { ...folderView(path.at(-1) as StoredFolder), path: path.map(({ id, name }) => ({ id, name })) };
  },
});

export const updateFolder = route({
  name: 'folders.update',
  method: 'PATCH',
  path: '/api/files/folders/:folderId',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Rename a folder, or move it with all that lies in it',
  params: FolderParams,
  body: { json: FolderChange, maxBytes: 4096 },
  response: Folder,
  async handler(ctx, { params, body }) {
    if (body.name !== undefined) checkFilename(body.name, 'body.name');
    return folderView(await changeFolder(ctx, params.folderId, body));
  },
});

export const removeFolder = route({
  name: 'folders.delete',
  method: 'DELETE',
  path: '/api/files/folders/:folderId',
  access: 'tenant',
  permission: 'files:delete',
  summary: 'Delete an empty folder, or with recursive=true one with all that lies in it: its files go into the trash',
  params: FolderParams,
  query: DeleteFolderQuery,
  status: 204,
  timeoutMs: 120_000,
  async handler(ctx, { params, query }) {
    await deleteFolder(ctx, params.folderId, query.recursive === true);
    return reply({ status: 204 });
  },
});
