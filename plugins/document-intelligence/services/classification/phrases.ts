/**
 * What documents of a kind say, in lower case, by how much it says: `title` is what they call themselves, `strong` is
 * rare elsewhere, `weak` counts together only. English, German, French, Spanish, Italian, some Dutch and Portuguese.
 */
export interface Phrases {
  title: readonly string[];
  strong: readonly string[];
  weak: readonly string[];
}

const list = (text: string): string[] => text.replaceAll('’', "'").split('|');

export const phrasesByLabel: Readonly<Record<string, Phrases>> = {
  invoice: {
    title: list('invoice|tax invoice|rechnung|facture|factura|fattura|factuur|fatura|proforma|gutschrift|credit note'),
    strong: list('invoice number|invoice no|invoice date|bill to|amount due|payment terms|rechnungsnummer|rechnungsdatum|rechnungsbetrag|zahlbar bis|zahlungsziel|leistungszeitraum|ust-idnr|umsatzsteuer-id|numéro de facture|date de facture|net à payer|montant dû|número de factura|fecha de factura|base imponible|numero fattura|data fattura|partita iva|imponibile|factuurnummer|número da fatura|remit to|purchase order'),
    weak: list('vat|subtotal|due date|quantity|unit price|net amount|mwst|netto|brutto|zwischensumme|menge|einzelpreis|fällig|kundennummer|tva|sous-total|quantité|prix unitaire|échéance|iva|cantidad|precio unitario|vencimiento|quantità|prezzo unitario|scadenza|btw|total|gesamtbetrag|iban|bic'),
  },
  receipt: {
    title: list('receipt|sales receipt|kassenbon|quittung|kassenbeleg|ticket de caisse|reçu|recibo|tique|ticket|scontrino|ricevuta|kassabon|bewirtungsbeleg'),
    strong: list('cashier|change due|thank you for shopping|thank you for your purchase|card ending|auth code|approval code|terminal id|kartenzahlung|bar gegeben|rückgeld|es bediente sie|vielen dank für ihren einkauf|kassierer|bonnr|tse-signatur|rendu monnaie|carte bancaire|merci de votre visite|gracias por su compra|su cambio|tarjeta|grazie per il vostro acquisto|resto|contante|documento commerciale|contactless|store #|register'),
    weak: list('cash|change|visa|mastercard|items|tax|tip|total|summe|bar|ec-karte|eur|mwst|tva|iva|espèces|efectivo|contanti|contanten|terminal|subtotal|qty|merchant|filiale'),
  },
  contract: {
    title: list('agreement|contract|lease agreement|employment agreement|non-disclosure agreement|service agreement|vertrag|mietvertrag|arbeitsvertrag|kaufvertrag|dienstvertrag|contrat|contrat de travail|contrat de bail|contrato|contrato de arrendamiento|contrato de trabajo|contratto|contratto di locazione|overeenkomst|huurovereenkomst|terms and conditions'),
    strong: list('hereinafter|the parties|party of the first part|in witness whereof|governing law|whereas|now, therefore|indemnify|termination of this agreement|shall be governed|entire agreement|vertragsparteien|nachfolgend|kündigungsfrist|gerichtsstand|salvatorische klausel|schriftform|ci-après|les parties|il a été convenu|droit applicable|résiliation|en adelante|las partes|cláusula|ley aplicable|di seguito|le parti|foro competente|recesso|clausola|ondergetekenden|vermieter|arbeitnehmer|arbeitgeber|lessor|lessee|tenant and landlord'),
    weak: list('shall|obligations|confidential|effective date|party|parties|clause|section|signature|signed|§|vereinbart|unterschrift|pflichten|article|signature|obligations|firma|obligaciones|articolo|obblighi|laufzeit|term|breach|liability|haftung'),
  },
  'identity-document': {
    title: list("passport|identity card|national identity card|driving licence|driver license|driver's license|residence permit|reisepass|personalausweis|führerschein|aufenthaltstitel|passeport|carte nationale d'identité|carte d'identité|permis de conduire|pasaporte|documento nacional de identidad|permiso de conducción|passaporto|carta d'identità|patente di guida|paspoort|identiteitskaart|rijbewijs"),
    strong: list('date of birth|place of birth|nationality|date of expiry|issuing authority|geburtsdatum|geburtsort|staatsangehörigkeit|gültig bis|ausstellende behörde|date de naissance|lieu de naissance|nationalité|date d’expiration|fecha de nacimiento|lugar de nacimiento|nacionalidad|válido hasta|data di nascita|luogo di nascita|cittadinanza|scadenza|surname|given names|document no|p<'),
    weak: list('sex|height|authority|geschlecht|größe|augenfarbe|sexe|taille|autorité|sexo|sesso|statura|name|vorname|nom|prénom|apellidos|nombre|cognome|nome|signature'),
  },
  letter: {
    title: list('dear sir|dear madam|dear mr|dear ms|dear mrs|dear dr|to whom it may concern|sehr geehrte|sehr geehrter|cher monsieur|chère madame|madame, monsieur|estimado señor|estimada señora|estimados señores|muy señor mío|egregio signor|gentile signora|spettabile|geachte heer|geachte mevrouw'),
    strong: list('yours sincerely|yours faithfully|yours truly|sincerely,|kind regards|best regards|mit freundlichen grüßen|hochachtungsvoll|betreff:|je vous prie d’agréer|je vous prie d\'agréer|salutations distinguées|veuillez agréer|le saluda atentamente|atentamente|distinti saluti|cordiali saluti|met vriendelijke groet|hoogachtend'),
    weak: list('dear|enclosed|enclosure|re:|subject:|anlage|betreff|ihr zeichen|objet|ci-joint|asunto|adjunto|oggetto|in allegato|thank you for your letter|i am writing|look forward|wir teilen ihnen mit|bezugnehmend|hiermit'),
  },
  'e-mail': {
    title: [],
    strong: list('-----original message-----|---------- forwarded message|sent from my iphone|reply-to:|message-id:|mime-version:|unsubscribe|von meinem iphone gesendet|envoyé de mon iphone|enviado desde mi iphone|inviato da iphone|-----ursprüngliche nachricht-----'),
    weak: list('from:|to:|cc:|subject:|sent:|date:|wrote:|schrieb:|von:|an:|gesendet:|a écrit :|de :|escribió:|ha scritto:|regards|cheers'),
  },
  report: {
    title: list('annual report|quarterly report|final report|technical report|progress report|audit report|white paper|executive summary|jahresbericht|geschäftsbericht|abschlussbericht|quartalsbericht|prüfbericht|rapport annuel|rapport final|rapport d’activité|informe anual|informe final|informe de|relazione annuale|rapporto annuale|rapporto finale|jaarverslag|abstract'),
    strong: list('table of contents|methodology|findings|conclusions|recommendations|references|bibliography|figure 1|table 1|appendix|key results|inhaltsverzeichnis|zusammenfassung|methodik|ergebnisse|schlussfolgerungen|empfehlungen|literaturverzeichnis|abbildung 1|table des matières|méthodologie|résultats|conclusion|recommandations|figure 1|índice|metodología|resultados|conclusiones|recomendaciones|indice|metodologia|risultati|conclusioni|raccomandazioni|introduction|related work|we present|in this paper'),
    weak: list('analysis|data|results|chapter|section|fiscal year|revenue|growth|kapitel|geschäftsjahr|umsatz|analyse|chapitre|exercice|chiffre d’affaires|análisis|capítulo|ejercicio|analisi|capitolo|percent|prozent|evaluation|performance'),
  },
  resume: {
    title: list('curriculum vitae|résumé|resume|lebenslauf|tabellarischer lebenslauf|hoja de vida|currículum|currículo'),
    strong: list('work experience|professional experience|employment history|education|references available|career objective|berufserfahrung|schulbildung|ausbildung|berufliche|praktika|führerscheinklasse|expérience professionnelle|formation|compétences|centres d’intérêt|experiencia laboral|experiencia profesional|formación académica|habilidades|esperienza professionale|esperienze lavorative|istruzione e formazione|competenze|werkervaring|opleiding'),
    weak: list('skills|languages|interests|bachelor|master|university|responsible for|kenntnisse|sprachen|sprachkenntnisse|hobbys|studium|langues|loisirs|idiomas|aficiones|lingue|hobby|linkedin|github|present|heute|internship|certifications|gpa'),
  },
  form: {
    title: list('application form|registration form|claim form|consent form|order form|antrag auf|antragsformular|anmeldeformular|formular|formulaire|demande de|formulario|solicitud de|modulo di|modulo|aanvraagformulier|questionnaire|fragebogen'),
    strong: list('please complete|please fill in|please print|check one|tick the box|for office use only|applicant|bitte ausfüllen|zutreffendes ankreuzen|in druckbuchstaben|antragsteller|cochez la case|à remplir|demandeur|marque con una x|rellene|solicitante|barrare la casella|compilare|richiedente|block capitals|n/a if not|☐|□|[ ]'),
    weak: list('yes / no|yes no|ja / nein|ja nein|oui / non|oui non|sí / no|sì / no|signature|unterschrift|first name|last name|vorname|nachname|prénom|nombre|cognome|date of birth|geburtsdatum|____'),
  },
  'bank-statement': {
    title: list('bank statement|account statement|statement of account|kontoauszug|relevé de compte|relevé bancaire|extracto bancario|extracto de cuenta|estado de cuenta|estratto conto|rekeningoverzicht|rekeningafschrift|extrato bancário'),
    strong: list('opening balance|closing balance|beginning balance|ending balance|statement period|account number|sort code|routing number|alter kontostand|neuer kontostand|anfangssaldo|endsaldo|buchungstag|wertstellung|solde initial|nouveau solde|ancien solde|date valeur|saldo inicial|saldo final|saldo anterior|fecha valor|saldo iniziale|saldo finale|data valuta|beginsaldo|eindsaldo|withdrawals|deposits'),
    weak: list('balance|debit|credit|transactions|transfer|direct debit|atm|lastschrift|überweisung|gutschrift|dauerauftrag|soll|haben|débit|crédit|virement|prélèvement|transferencia|domiciliación|bonifico|addebito|accredito|iban|bic|valuta'),
  },
  medical: {
    title: list('medical report|discharge summary|prescription|lab report|laboratory report|pathology report|radiology report|arztbrief|entlassungsbericht|entlassbrief|befund|rezept|arbeitsunfähigkeitsbescheinigung|laborbefund|compte rendu médical|compte rendu d’hospitalisation|ordonnance|certificat médical|informe médico|informe de alta|receta médica|referto|lettera di dimissione|ricetta medica|certificato medico|ontslagbrief'),
    strong: list('diagnosis|patient|medical history|blood pressure|dosage|allergies|symptoms|physician|diagnose|anamnese|therapie|medikation|blutdruck|krankenkasse|icd-10|überweisung an|antécédents|traitement|posologie|tension artérielle|médecin traitant|diagnóstico|antecedentes|tratamiento|paciente|presión arterial|diagnosi|anamnesi|terapia|paziente|pressione arteriosa|hemoglobin|hämoglobin|leukozyten|cholesterol'),
    weak: list('treatment|hospital|clinic|mg|ml|tablet|dr. med|praxis|klinik|krankenhaus|hôpital|clinique|comprimé|hospital|clínica|comprimido|ospedale|clinica|compressa|follow-up|examination|untersuchung|mmol/l|mg/dl|referral'),
  },
};
