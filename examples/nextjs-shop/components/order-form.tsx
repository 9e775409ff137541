'use client'

import { useActionState } from 'react'

import { placeOrder, type Tried } from '@/app/actions'
import { euros, type Product } from '@/lib/catalogue'

import { Sauna } from './sauna'

const COUNTRIES = { FI: 'Finland', SE: 'Sweden', DE: 'Germany', CZ: 'Czechia', IE: 'Ireland' }

/** The order form. It works before, and without, JavaScript. */
export function OrderForm({ catalogue, requestKey }: { catalogue: readonly Product[]; requestKey: string }) {
  const [{ problem, values }, place, sending] = useActionState<Tried, FormData>(placeOrder, { values: {} })
  return (
    <form action={place} className="order-form">
      <input type="hidden" name="key" value={values.key ?? requestKey} />
      <fieldset className="products">
        <legend className="hidden">Sauna</legend>
        {catalogue.map(({ slug, name, price, line }, place) => (
          <label key={slug} className="product card">
            <input
              type="radio"
              name="product"
              value={slug}
              defaultChecked={values.product === undefined ? place === 0 : values.product === slug}
            />
            <Sauna slug={slug} />
            <span className="name">{name}</span>
            <span className="muted">{line}</span>
            <span className="price">{euros(price)}</span>
          </label>
        ))}
      </fieldset>
      <div className="card details">
        <h2>Where shall we bring it?</h2>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <div className="fields">
          <Field name="firstName" label="First name" autoComplete="given-name" values={values} />
          <Field name="lastName" label="Last name" autoComplete="family-name" values={values} />
          <Field name="email" label="E-mail" type="email" autoComplete="email" values={values} />
          <Field name="phone" label="Phone" hint="with country code" type="tel" optional autoComplete="tel" values={values} />
          <Field name="line1" label="Street and number" autoComplete="address-line1" wide values={values} />
          <Field name="postalCode" label="Postal code" autoComplete="postal-code" values={values} />
          <Field name="city" label="Town" autoComplete="address-level2" values={values} />
          <div className="field wide">
            <label htmlFor="country">Country</label>
            {/* React does not set back a select whose default changes: a refused order brings another one. */}
            <select
              key={values.country}
              id="country"
              name="country"
              autoComplete="country"
              defaultValue={values.country ?? 'FI'}
            >
              {Object.entries(COUNTRIES).map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <div className="field wide">
            <label htmlFor="notes">
              Anything our installers should know? <span className="muted">optional</span>
            </label>
            <textarea id="notes" name="notes" defaultValue={values.notes} maxLength={1000} />
          </div>
        </div>
        <button disabled={sending}>{sending ? 'Placing your order…' : 'Place the order'}</button>
        <p className="muted small">You pay on delivery. Until we begin to build you can change your mind.</p>
      </div>
    </form>
  )
}

interface FieldOf {
  name: string
  label: string
  hint?: string
  type?: string
  autoComplete: string
  optional?: boolean
  wide?: boolean
  values: Tried['values']
}

function Field({ name, label, hint, type = 'text', autoComplete, optional = false, wide = false, values }: FieldOf) {
  return (
    <div className={wide ? 'field wide' : 'field'}>
      <label htmlFor={name}>
        {label} {(hint ?? optional) && <span className="muted">{[hint, optional && 'optional'].filter(Boolean).join(', ')}</span>}
      </label>
      <input
        id={name}
        name={name}
        type={type}
        autoComplete={autoComplete}
        required={!optional}
        maxLength={200}
        defaultValue={values[name]}
      />
    </div>
  )
}
