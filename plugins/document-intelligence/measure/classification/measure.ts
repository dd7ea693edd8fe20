import { classify } from '../../services/classification/classify.ts';

export interface ClassificationFigures {
  documents: number;
  right: number;
  /** Mean confidence of all answers: near the share of right ones when it is calibrated. */
  meanConfidence: number;
  wrong: { text: string; label: string; got: string; confidence: number }[];
}

/** Classifies each by its text alone: neither name nor type of a file is told. */
export function measureClassification(documents: readonly (readonly [label: string, text: string])[]): ClassificationFigures {
  const wrong: ClassificationFigures['wrong'] = [];
  let confidences = 0;
  for (const [label, text] of documents) {
    const { label: got, confidence } = classify({ text, filename: null, mimeType: null, pageCount: null, image: null });
    confidences += confidence;
    if (got !== label) wrong.push({ text: text.slice(0, 40), label, got, confidence });
  }
  return { documents: documents.length, right: documents.length - wrong.length, meanConfidence: confidences / documents.length, wrong };
}
