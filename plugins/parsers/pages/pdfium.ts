// The underscores are the names that the compiler of C gave.
/* oxlint-disable eslint/no-underscore-dangle */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PDFiumModule } from '@hyzyla/pdfium';

/** What is called of PDFium (`public/fpdfview.h`, `fpdf_edit.h`, `fpdf_text.h`); pointers are numbers. */
interface Pdfium {
  _FPDF_InitLibraryWithConfig(config: object): void;
  _FPDF_LoadMemDocument(content: number, sizeBytes: number, password: number): number;
  _FPDF_GetLastError(): number;
  _FPDF_CloseDocument(document: number): void;
  _FPDF_GetPageCount(document: number): number;
  _FPDF_LoadPage(document: number, index: number): number;
  _FPDF_ClosePage(page: number): void;
  _FPDF_GetPageWidth(page: number): number;
  _FPDF_GetPageHeight(page: number): number;
  _FPDFPage_CountObjects(page: number): number;
  _FPDFBitmap_CreateEx(width: number, height: number, format: number, pixels: number, stride: number): number;
  _FPDFBitmap_FillRect(bitmap: number, left: number, top: number, width: number, height: number, color: number): void;
  _FPDFBitmap_Destroy(bitmap: number): void;
  _FPDF_RenderPageBitmap(bitmap: number, page: number, left: number, top: number, width: number, height: number, rotate: number, flags: number): void;
  _FPDF_PageToDevice(page: number, left: number, top: number, width: number, height: number, rotate: number, x: number, y: number, deviceX: number, deviceY: number): number;
  _FPDFText_LoadPage(page: number): number;
  _FPDFText_ClosePage(text: number): void;
  _FPDFText_CountChars(text: number): number;
  _FPDFText_GetUnicode(text: number, index: number): number;
  _FPDFText_GetCharBox(text: number, index: number, left: number, right: number, bottom: number, top: number): number;
  wasmExports: { malloc(sizeBytes: number): number; free(pointer: number): void };
  HEAPU8: Uint8Array;
}

/** In points, origin at the bottom left. */
export interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

export interface PdfPage {
  /** In points, as the page is seen: turned. */
  readonly width: number;
  readonly height: number;
  /** Pictures, lines, text, …: what its content draws. */
  readonly objects: number;
  /** RGBA, white where nothing is. `annotations`: notes, form fields and the like too. */
  render(width: number, height: number, annotations: boolean): Uint8Array;
  /** Where a point of the page lies in a picture of this size. */
  toPixel(x: number, y: number, width: number, height: number): { x: number; y: number };
  /** Characters with the boxes of their glyphs, in the order of the content. */
  characters(): { code: number; box: Box }[];
}

export interface RenderedPdf {
  readonly pageCount: number;
  /** The page is closed when `work` ends. Null when it cannot be loaded. */
  withPage<T>(page: number, work: (page: PdfPage) => T): T | null;
  close(): void;
}

const annotationsFlag = 0x01;
const rgbaFlag = 0x10;
const bgra = 4;
const passwordError = 4;
const maxCharacters = 500_000;

/** Of WebAssembly’s memory, which the thread’s own limit does not count: the document, its fonts and pictures, and the page. */
const maxMemoryBytes = 536_870_912;
/** It never shrinks: an instance that grew beyond is not used again. */
const keptMemoryBytes = 134_217_728;

/** The part of the WebAssembly interface that is used; Node’s types leave it to those of browsers. */
interface WebAssemblyApi {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

let loading: Promise<Pdfium> | null = null;

async function load(): Promise<Pdfium> {
  const compiled = new Module(await readFile(fileURLToPath(import.meta.resolve('@hyzyla/pdfium/pdfium.wasm'))));
  const options = {
    print: () => undefined,
    printErr: () => undefined,
    instantiateWasm(imports: { env: { emscripten_resize_heap(sizeBytes: number): boolean } }, done: (instance: object, module: object) => void): object {
      const grow = imports.env.emscripten_resize_heap;
      imports.env.emscripten_resize_heap = (sizeBytes) => sizeBytes >>> 0 <= maxMemoryBytes && grow(sizeBytes);
      const instance = new Instance(compiled, imports);
      done(instance, compiled);
      return instance.exports;
    },
  };
  const pdfium = (await (PDFiumModule as unknown as (given: object) => Promise<unknown>)(options)) as Pdfium;
  pdfium._FPDF_InitLibraryWithConfig({ version: 2, m_pIsolate: null, m_pUserFontPaths: null, m_v8EmbedderSlot: 0, m_pPlatform: null });
  return pdfium;
}

/** PDFium in WebAssembly cannot go on after it broke down: the next document gets a new one. */
const guarded = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    loading = null;
    throw error;
  }
};

function pageOf(pdfium: Pdfium, page: number): PdfPage {
  const { malloc, free } = pdfium.wasmExports;
  const view = (): DataView => new DataView(pdfium.HEAPU8.buffer);
  return {
    width: pdfium._FPDF_GetPageWidth(page),
    height: pdfium._FPDF_GetPageHeight(page),
    objects: pdfium._FPDFPage_CountObjects(page),
    render(width, height, annotations) {
      const sizeBytes = width * height * 4;
      const pixels = malloc(sizeBytes);
      if (pixels === 0) throw new RangeError('no memory for the picture');
      try {
        const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, bgra, pixels, width * 4);
        pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
        pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, rgbaFlag | (annotations ? annotationsFlag : 0));
        pdfium._FPDFBitmap_Destroy(bitmap);
        return pdfium.HEAPU8.slice(pixels, pixels + sizeBytes);
      } finally {
        free(pixels);
      }
    },
    toPixel(x, y, width, height) {
      const at = malloc(8);
      pdfium._FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, at, at + 4);
      const point = { x: view().getInt32(at, true), y: view().getInt32(at + 4, true) };
      free(at);
      return point;
    },
    characters() {
      const text = pdfium._FPDFText_LoadPage(page);
      if (text === 0) return [];
      const at = malloc(32);
      const found: { code: number; box: Box }[] = [];
      const count = Math.min(maxCharacters, pdfium._FPDFText_CountChars(text));
      for (let index = 0; index < count; index += 1) {
        if (pdfium._FPDFText_GetCharBox(text, index, at, at + 8, at + 16, at + 24) === 0) continue;
        const doubles = view();
        found.push({ code: pdfium._FPDFText_GetUnicode(text, index), box: { left: doubles.getFloat64(at, true), right: doubles.getFloat64(at + 8, true), bottom: doubles.getFloat64(at + 16, true), top: doubles.getFloat64(at + 24, true) } });
      }
      free(at);
      pdfium._FPDFText_ClosePage(text);
      return found;
    },
  };
}

/** Null when PDFium cannot open it; `'encrypted'` when the empty password does not. */
export async function openForRendering(content: Uint8Array): Promise<RenderedPdf | 'encrypted' | null> {
  loading ??= load();
  const pdfium = await loading;
  return guarded(() => {
    const copy = pdfium.wasmExports.malloc(Math.max(1, content.length));
    if (copy === 0) return null;
    pdfium.HEAPU8.set(content, copy);
    const document = pdfium._FPDF_LoadMemDocument(copy, content.length, 0);
    if (document === 0) {
      const error = pdfium._FPDF_GetLastError();
      pdfium.wasmExports.free(copy);
      return error === passwordError ? 'encrypted' : null;
    }
    return {
      pageCount: pdfium._FPDF_GetPageCount(document),
      withPage: (page, work) =>
        guarded(() => {
          const pointer = pdfium._FPDF_LoadPage(document, page - 1);
          if (pointer === 0) return null;
          try {
            return work(pageOf(pdfium, pointer));
          } finally {
            pdfium._FPDF_ClosePage(pointer);
          }
        }),
      close() {
        pdfium._FPDF_CloseDocument(document);
        pdfium.wasmExports.free(copy);
        if (pdfium.HEAPU8.length > keptMemoryBytes) loading = null;
      },
    };
  });
}
