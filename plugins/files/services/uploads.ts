import { filesUploads } from '../contract.ts';
import { provide } from '../kit.ts';
import { checkFilename, checkTags } from './file-name.ts';
import { storeUpload } from './store-uploads.ts';

export const uploads = provide(filesUploads, {
  async add(ctx, { handle, filename, tags, process }) {
    await ctx.auth.require('files:write');
    checkFilename(filename, 'filename');
    checkTags(tags, 'tags');
    const { declaredType } = await ctx.files.stat(handle);
    const { id } = await storeUpload(ctx, { handle, filename, declaredType, tags: [...new Set(tags)] }, { processImmediately: process, extractMetadata: true, ocr: 'auto' });
    return { fileId: id };
  },
});
