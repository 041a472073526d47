// The room Criteria in the page: plates grown for it by the engine, and the judge's worker that compares them with the
// printed ones.
//
// The room (src/studio/state/criteria.h) says what it wants; here that meets engine and worker. A visitor's own growth
// always goes first. Scripts:
//   const {criteria} = await window.florilegium;
//   criteria.state, criteria.show('originality'), criteria.answer('grown'), criteria.next(), criteria.question(),
//   criteria.ratio(0)
import {CHOSEN_SEEDS, CRITERIA_PARTS, JUDGE_STATES, QUIZ_SIDE, QUIZ_STAGES} from './boundary.mjs';

const ANSWERS = 'florilegium.quiz', MOST_WAITING = 4, MOST_MODELS = 20;

/** What was answered with each model before, {key: [4 numbers]}, the newest last; some browsers forbid to keep it. */
function keptAnswers() {
  try {
    const kept = JSON.parse(localStorage.getItem(ANSWERS)) ?? {};
    return Object.fromEntries(Object.entries(kept).filter(
        ([, answers]) => answers?.length === 4 && answers.every(count => Number.isInteger(count) && count >= 0)));
  } catch {
    return {};
  }
}

export class Criteria {
  #page; #link;            // #link: the module's functions (web/studio.mjs)
  #worker = null;
  #waiting = new Map();    // id -> {text, visitors} of pictures on their way through the judge
  #before = [];            // the visitor's plates from before the judge was there
  #lastId = 0;
  #growing = false;
  #failed = false;         // to grow: not tried again with this model
  #model = '';             // that the plates so far are by
  #key = '';               // of its answers

  constructor(page) {
    this.#page = page;
    this.#link = page.studio.link;
    page.host.criteria = {
      open: () => this.#open(),
      want: () => { this.#grow().catch(error => this.#growthFailed(error)); },
      keepAnswers: ({answers}) => this.#keepAnswers([...answers]),
    };
  }

  #keepAnswers(answers) {
    const others = Object.entries(keptAnswers()).filter(([key]) => key !== this.#key);
    try {
      localStorage.setItem(
          ANSWERS, JSON.stringify(Object.fromEntries([...others.slice(1 - MOST_MODELS), [this.#key, answers]])));
    } catch { /* forbidden or full: until the page is left, then */
    }
  }

  get state() {
    const [judge, part, stage, right, asked, plates, heldOut, answer, measured, question, ...answers] =
        Array.from({length: 14}, (_, what) => this.#link.module._criteria_state(what));
    return {
      judge: JUDGE_STATES[judge],
      part: CRITERIA_PARTS[part],
      stage: QUIZ_STAGES[stage],
      right,
      asked,
      plates,
      heldOut,
      answer: answer < 0 ? null : ['printed', 'grown'][Number(answer > 0)],
      measured,
      question,
      answers   // [printed said printed, printed said grown, grown said printed, grown said grown]
    };
  }
  show(part) {
    if (!CRITERIA_PARTS.includes(part))
      throw new RangeError(`The parts of this room are ${CRITERIA_PARTS.join(', ')}; '${part}' is none.`);
    this.#link.call('_criteria_show_part', CRITERIA_PARTS.indexOf(part));
  }
  /** 'printed' or 'grown', to the question that is asked. */
  answer(what) { this.#link.call('_criteria_answer', what === 'grown' ? 1 : 0); }
  next() { this.#link.call('_criteria_next'); }
  /** RGBA of the question's picture, QUIZ_SIDE pixels wide and high; null while none is asked. */
  question() {
    const at = this.#link.module._criteria_question();
    return at ? new Uint8ClampedArray(this.#link.module.HEAPU8.buffer, at, QUIZ_SIDE * QUIZ_SIDE * 4).slice() : null;
  }
  /** The copy test of a plate, the visitor's newest first: nearest over second nearest distance. */
  ratio(plate) { return this.#link.module._criteria_ratio(plate); }

  /** Another model: what the earlier one grew is put aside, and its own answers and numbers come. */
  modelReady({model, sha256, metadata}) {
    this.#failed = false;
    const key = sha256 || model;
    if (key === this.#key) return;
    this.#model = model;
    this.#key = key;
    this.#before = [];
    this.#waiting.clear();
    this.#link.call('_criteria_forget', metadata.trained_on === 'plates' ? 1 : 0);
    this.#worker?.postMessage({type: 'forget'});
    const answers = keptAnswers()[key], judged = this.#page.models.list.find(one => one.sha256 === sha256)?.judged;
    if (answers) this.#link.call('_criteria_answers', ...answers);
    for (const {side, accuracy, interval: [low, high]} of judged?.two_sample ?? [])
      this.#link.call('_criteria_told', side, accuracy, low, high, judged.pictures);
  }

  /** A plate that the visitor grew elsewhere on the page. */
  collect({rgba, width, seed, steps, branched}) {
    const plate = {rgba, side: width, text: `seed ${seed}, ${steps} steps${branched ? ', a branch' : ''}`};
    if (this.state.judge === 'ready') this.#judge(plate, true);
    else this.#before = [...this.#before, plate].slice(-MOST_WAITING);
  }

  #open() {
    if (this.#worker) return;
    this.#link.call('_criteria_judge', JUDGE_STATES.indexOf('loading'), '');
    const failed = sentence => this.#link.call('_criteria_judge', JUDGE_STATES.indexOf('failed'), sentence);
    this.#worker = new Worker(new URL('./judge-worker.mjs', import.meta.url), {type: 'module', name: 'judge'});
    this.#worker.onerror = event => {
      event.preventDefault();
      failed('The judge could not be started. Load the page again.');
    };
    this.#worker.onmessage = ({data}) => {
      try {
        if (data.type === 'judged') this.#take(data);
        else if (data.type === 'held out') this.#keepHeldOut(data);
        else if (data.type === 'ready') this.#ready();
        else if (data.id === undefined) failed(data.message);
        else if (this.#waiting.delete(data.id)) {
          this.#link.call('_criteria_judging', -1);
          this.#page.tell(data.message, true);
        }
      } catch (error) {
        failed(error.message);
      }
    };
    this.#worker.postMessage({type: 'open'});
  }

  #keepHeldOut({rgba, text}) {
    this.#link.fill(rgba);
    this.#link.checked('_criteria_held_out', QUIZ_SIDE, text);
  }

  #ready() {
    this.#link.call('_criteria_judge', JUDGE_STATES.indexOf('ready'), '');
    for (const plate of this.#before.splice(0)) this.#judge(plate, true);
  }

  #judge({text, ...picture}, visitors) {
    const id = ++this.#lastId;
    this.#waiting.set(id, {text, visitors});
    this.#link.call('_criteria_judging', 1);
    this.#worker.postMessage({type: 'picture', id, inSet: !visitors, ...picture});
  }

  #take({id, picture, ratio, nearest, proportion}) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;                  // of an earlier model
    this.#waiting.delete(id);
    this.#link.fill(picture);
    this.#link.checked('_criteria_grown', QUIZ_SIDE, waiting.text, ratio);
    for (const one of nearest) {
      this.#link.fill(one.rgba);
      this.#link.checked('_criteria_neighbour', Math.sqrt(one.rgba.length / 4), one.text, one.distance);
    }
    this.#link.call('_criteria_judged', waiting.visitors ? 1 : 0);
    if (!proportion) return;
    this.#link.fill(proportion.values);
    this.#link.call('_criteria_proportion', proportion.count);
  }

  /** One plate for the room, when nobody else has the engine. */
  async #grow() {
    const {engine} = this.#page, info = engine?.info;
    if (this.#growing || this.#failed || !info || engine.busy) return;
    this.#growing = true;
    const seed = BigInt(crypto.getRandomValues(new Uint32Array(1))[0] % CHOSEN_SEEDS), steps = info.defaultSteps,
          model = this.#model;
    let newest = null, step = 0;
    this.#link.call('_criteria_growing', 0, steps);
    try {
      const {finished} = engine.run(
          {
            start: {kind: 'noise', seed, stream: 0},
            steps,
            firstStep: 0,
            schedule: info.schedule,
            sampler: info.defaultSampler,
            hint: null,
            paused: false
          },
          {
            onBegun: () => {
              step = 0;
            },
            onStep: ({prediction}) => {
              newest = prediction;
              this.#link.call('_criteria_growing', ++step, steps);
            },
          });
      const {cancelled} = await finished;
      // The last step blends in nothing but its prediction.
      if (!cancelled && model === this.#model)
        this.#judge({kept: newest, side: info.imageSize, text: `seed ${seed}, ${steps} steps`}, false);
    } finally {
      this.#growing = false;
      this.#link.call('_criteria_growing', 0, 0);
    }
  }

  #growthFailed(error) {
    if (!this.#page.engine.info) return;      // because another model is being opened
    this.#failed = true;
    this.#page.tell(error.message, true);
  }
}
