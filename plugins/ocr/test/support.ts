import { createHarness, type Harness } from '@proofpix/sdk/testing';
import sharp from 'sharp';
import { PluginError } from '@proofpix/sdk';
import type { RecognisedPage } from '../contract.ts';
import plugin from '../plugin.ts';

/** What other plugins would make of the file: a page of a PDF, or a picture scaled for reading. */
export interface Rendered {
  image: Buffer;
  width: number;
  height: number;
  originalWidth?: number;
  originalHeight?: number;
}

export interface OcrHarness extends Harness {
  read(mimeType: string, page?: number): Promise<RecognisedPage>;
  readonly asked: { method: string; input: Record<string, unknown> }[];
}

/** The plugin among services that answer with one picture, or with an error. */
export function harnessWith(rendered: Rendered | PluginError): OcrHarness {
  const asked: { method: string; input: Record<string, unknown> }[] = [];
  const answer = (method: string) => (input: Record<string, unknown>) => {
    asked.push({ method, input });
    if (rendered instanceof PluginError) throw rendered;
    const { image, width, height, originalWidth = width, originalHeight = height } = rendered;
    const made = { base64: image.toString('base64'), width, height, pageCount: 1 };
    return method === 'grey' ? { ...made, originalWidth, originalHeight } : made;
  };
  const h = createHarness(plugin, { settings: { threads: 1 }, services: { 'images.rendering': { grey: answer('grey') }, 'parsers.pages': { render: answer('render') } } });
  const read = async (mimeType: string, page = 1) => (await h.serve('ocr.recognition', 'read', { file: 'handle', mimeType, page })) as unknown as RecognisedPage;
  return Object.assign(h, { asked, read });
}

export const blank = (width: number, height: number): Promise<Buffer> => sharp({ create: { width, height, channels: 3, background: 'white' } }).png().toBuffer();
